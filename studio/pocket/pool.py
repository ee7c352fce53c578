"""The pool: every training picture, recoloured many ways, each with colour words that are true."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from studio.colours import TINTS, dominant_colours, rotate_hue, tint
from studio.pocket.captions import caption
from studio.pocket.corpus import Sprite


@dataclass(frozen=True)
class Pool:
    """pixels: uint8 [n, 32, 32, 4]; source: index of the sprite [n]; weight: how often drawn [n];
    captions: a tuple of captions for each picture."""

    pixels: NDArray[np.uint8]
    source: NDArray[np.int64]
    weight: NDArray[np.float64]
    captions: list[tuple[str, ...]]


def kind_weights(sprites: list[Sprite]) -> NDArray[np.float64]:
    """Weight per sprite: a kind with four times the pictures is drawn only twice as often."""
    counts: dict[str, int] = {}
    for sprite in sprites:
        counts[sprite.subject.kind] = counts.get(sprite.subject.kind, 0) + 1
    return np.array([counts[sprite.subject.kind] ** -0.5 for sprite in sprites])


def build_pool(sprites: list[Sprite], recolours: int, captions_each: int, seed: int) -> Pool:
    """Each sprite as it is and `recolours` times recoloured; the originals weigh 45 %."""
    rng = random.Random(seed)
    weights = kind_weights(sprites)
    pixels: list[NDArray[np.uint8]] = []
    source: list[int] = []
    weight: list[float] = []
    captions: list[tuple[str, ...]] = []
    for index, sprite in enumerate(sprites):
        versions = [(sprite.pixels, True)]
        for _ in range(recolours):
            if rng.random() < 0.5:
                versions.append((rotate_hue(sprite.pixels, rng.uniform(0.5, 2 * pi - 0.5)), False))
            else:
                versions.append((tint(sprite.pixels, rng.choice(list(TINTS))), False))
        for picture, original in versions:
            said = dominant_colours(picture)
            # A recoloured picture always names its colour: "a tree" alone should stay natural.
            often = 0.6 if original else 1.0
            count = captions_each * 4 if original else captions_each
            share = 0.45 if original else 0.55 / recolours
            pixels.append(picture)
            source.append(index)
            weight.append(float(weights[index]) * (share if recolours else 1.0))
            captions.append(tuple(caption(sprite.subject, said, rng, often) for _ in range(count)))
    total = np.array(weight)
    return Pool(np.stack(pixels), np.array(source), total / total.sum(), captions)
