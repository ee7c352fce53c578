"""The pool: every training picture, recoloured many ways, each with colour words that are true."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from studio.colours import TINTS, dominant_colours, rotate_hue, tint
from studio.pocket.captions import caption, view_of
from studio.pocket.corpus import Pixels, Sprite

# Drawn more often than their number says: hard to draw, and what people ask for first.
FAVOURED = {"weapon": 1.5, "animal": 1.5, "humanoid": 1.7, "hero": 1.5, "dragon": 1.7}
# Parts of scenery, many of them frames of one animation.
DISFAVOURED = {"door": 0.5, "dungeon": 0.6, "gateway": 0.7, "altar": 0.7, "trap": 0.8}
FAVOUR = FAVOURED | DISFAVOURED


@dataclass(frozen=True)
class Pool:
    """pixels: uint8 [n, 32, 32, 4]; source: index of the sprite [n]; weight: how often drawn [n];
    captions: a tuple of captions for each picture."""

    pixels: NDArray[np.uint8]
    source: NDArray[np.int64]
    weight: NDArray[np.float64]
    captions: list[tuple[str, ...]]


@dataclass(frozen=True)
class Version:
    """One way in which a sprite is shown: its share of the sprite's weight, how its caption is."""

    pixels: Pixels
    share: float
    own_colours: bool
    style: str


def sprite_weights(sprites: list[Sprite]) -> NDArray[np.float64]:
    """Weight per sprite. A thing with four times the variants is drawn only twice as often, and
    so is a kind with four times the things; styles count as kinds."""
    variants = Counter(sprite.thing if sprite.thing >= 0 else id(sprite) for sprite in sprites)
    within = [
        variants[sprite.thing if sprite.thing >= 0 else id(sprite)] ** -0.5 for sprite in sprites
    ]
    size: Counter[str] = Counter()
    for sprite, weight in zip(sprites, within, strict=True):
        size[sprite.style or sprite.subject.kind] += weight  # type: ignore[assignment]
    weights = []
    for sprite, weight in zip(sprites, within, strict=True):
        kind = sprite.style or sprite.subject.kind
        # A style's things are all different, where those of a kind resemble each other.
        favour = 3.0 if sprite.style else FAVOUR.get(kind, 1.0)
        weights.append(weight * favour * size[kind] ** -0.5)
    return np.array(weights)


def build_pool(sprites: list[Sprite], recolours: int, captions_each: int, seed: int) -> Pool:
    """Each sprite as it is and `recolours` times recoloured; those in another style also plain."""
    rng = random.Random(seed)
    weights = sprite_weights(sprites)
    pixels: list[NDArray[np.uint8]] = []
    source: list[int] = []
    weight: list[float] = []
    captions: list[tuple[str, ...]] = []
    for index, sprite in enumerate(sprites):
        view = view_of(sprite.pixels)
        for version in _versions(sprite, recolours, rng):
            said = dominant_colours(version.pixels)
            # A recoloured picture always names its colour: "a tree" alone should stay natural.
            often = 0.6 if version.own_colours else 1.0
            count = captions_each * 4 if version.own_colours else captions_each
            pixels.append(version.pixels)
            source.append(index)
            weight.append(float(weights[index]) * version.share)
            captions.append(
                tuple(
                    caption(sprite.subject, said, rng, often, style=version.style, view=view)
                    for _ in range(count)
                )
            )
    total = np.array(weight)
    return Pool(np.stack(pixels), np.array(source), total / total.sum(), captions)


def _versions(sprite: Sprite, recolours: int, rng: random.Random) -> list[Version]:
    """A sprite and its recolours; of one in another style some of each as it is and redrawn."""
    if sprite.plain is None:
        own = 0.5 if recolours else 1.0
        found = [Version(sprite.pixels, own, True, sprite.style)]
        many = [_recoloured(sprite.pixels, rng) for _ in range(recolours)]
        return found + [Version(p, (1 - own) / recolours, False, sprite.style) for p in many]
    few = recolours // 2
    found = [
        Version(sprite.pixels, 0.5, True, sprite.style),
        Version(sprite.plain, 0.25 if few else 0.5, True, ""),
    ]
    many = [_recoloured(sprite.plain, rng) for _ in range(few)]
    return found + [Version(p, 0.25 / few, False, "") for p in many]


def _recoloured(pixels: Pixels, rng: random.Random) -> Pixels:
    if rng.random() < 0.5:
        return rotate_hue(pixels, rng.uniform(0.5, 2 * pi - 0.5))
    return tint(pixels, rng.choice(list(TINTS)))
