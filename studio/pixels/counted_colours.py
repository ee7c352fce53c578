"""The colours that pictures are drawn in: counted where they are few, else clustered."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, hex_of
from studio.pixels.snapping import nearest, packed, unpacked

ENOUGH = 0.98  # share of all pixels from which on the commonest colours are the palette
GREY, BLACK = 0.03, 0.22  # chroma, and lightness, of OKLab below which no hue is seen
MOST_SEEN = 20_000  # different colours that clusters are looked for in
ROUNDS = 30


def palette_of(pictures: Iterable[Pixels], most: int = 16) -> tuple[str, ...]:
    """At most `most` colours of the pictures' opaque pixels, ordered as a palette is: greys, then
    hue by hue, each from dark to light. A picture counts as much as another whatever its size.

    Where the commonest colours cover nearly all pixels, as in pixel art, these are they; else they
    are clusters in OKLab (k-means, each then a colour that occurs). StudioError where no pixel is
    opaque."""
    weights: dict[int, float] = {}
    for rgba in pictures:
        drawn = rgba[rgba[..., 3] >= OPAQUE]
        found, counts = np.unique(packed(drawn), return_counts=True)
        for colour, count in zip(found.tolist(), counts.tolist(), strict=True):
            weights[colour] = weights.get(colour, 0.0) + count / len(drawn)
    if not weights or most < 1:
        raise StudioError(
            "No picture has an opaque pixel.", "Give pictures on which something is drawn."
        )
    ranked = sorted(weights, key=lambda colour: (-weights[colour], colour))[:MOST_SEEN]
    share = sum(weights[colour] for colour in ranked[:most]) / sum(weights.values())
    rgb = unpacked(np.array(ranked, np.uint32))
    if len(weights) > most and share < ENOUGH:
        rgb = _clustered(rgb, np.array([weights[colour] for colour in ranked]), most)
    return in_order(hex_of(rgb[:most]))


def in_order(colours: Iterable[str]) -> tuple[str, ...]:
    """Greys first, then hue by hue from red on; each from dark to light."""
    found = tuple(dict.fromkeys(colours))
    lab = to_oklab(np.array([tuple(bytes.fromhex(one[1:])) for one in found], np.uint8))
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    grey = (np.hypot(lab[:, 1], lab[:, 2]) < GREY) | (lab[:, 0] < BLACK)
    # Six families of hue; OKLab's red lies at 29 degrees, so the first one begins just before 0.
    family = np.where(grey, -1, ((hue + 15) % 360) // 60)
    ranks = sorted(range(len(found)), key=lambda k: (family[k], lab[k, 0], found[k]))
    return tuple(found[k] for k in ranks)


def _clustered(rgb: Pixels, weights: NDArray[np.float64], most: int) -> Pixels:
    """k-means from the commonest colour outwards, each next the one worst served so far; the same
    pictures give the same colours."""
    lab = to_oklab(rgb).astype(np.float64)
    centres, apart = lab[:1], np.full(len(lab), np.inf)
    while len(centres) < most:
        apart = np.minimum(apart, ((lab - centres[-1]) ** 2).sum(-1))
        centres = np.concatenate([centres, lab[[int((apart * np.sqrt(weights)).argmax())]]])
    for _ in range(ROUNDS):
        label = nearest(lab, centres)
        mass = np.bincount(label, weights, most)
        sums = np.stack([np.bincount(label, weights * lab[:, k], most) for k in range(3)], -1)
        moved = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-12)[:, None], centres)
        if np.allclose(moved, centres, atol=1e-5):
            break
        centres = moved
    chosen = np.unique(nearest(centres, lab))
    return rgb[chosen]
