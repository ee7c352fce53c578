"""The form of a rim: how far it hangs over at each pixel along, from a seed, the same every tile.

A profile is [size] floats in 0..1. That of variant 0 is the common one: near the ends of a quarter
all variants follow it, so that any variant meets any other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STILL = 3  # pixels at both ends of a quarter where variants agree


def profile(edge: str, size: int, seed: int, side: str, variant: int, width: float) -> Floats:
    """The rim's overhang along one side ("n", "s", "w"...) of a tile; `width` is about how wide a
    tuft or a bulge is, in pixels."""
    common = FORMS[edge](size, width, _random(seed, side, 0))
    if not variant:
        return common
    own = FORMS[edge](size, width, _random(seed, side, variant))
    return np.where(free(size), own, common)


def sway(size: int, seed: int, side: str, variant: int) -> Floats:
    """How a border swings in and out over a tile [size], in 0..1 and 0 where it must meet any
    other: at the ends of quarters."""
    place = np.arange(size) % (size // 2) / (size // 2)
    bow = np.sin(place * np.pi) ** 2
    random = _random(seed, side, "sway", variant)
    first, second = random.uniform(0.0, 1.0, 2)
    return bow * np.where(np.arange(size) < size // 2, first, second)


def free(size: int) -> NDArray[np.bool_]:
    """Where along a tile variants may differ: within each quarter, not at its ends."""
    half = size // 2
    still = min(STILL, half // 3)
    place = np.arange(size) % half
    return (place >= still) & (place < half - still)


def _random(seed: int, *words: object) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(repr(words).encode())])


def _blades(size: int, width: float, random: np.random.Generator) -> Floats:
    """Tufts of grass: teeth that lean, of unequal length, with a short one between."""
    out, at = np.zeros(size), 0
    while at < size:
        wide = max(2, round(random.uniform(0.6, 1.4) * width))
        tall = random.choice([0.35, 0.6, 0.8, 1.0])
        lean = random.uniform(0.2, 0.8) * wide
        for step in range(min(wide, size - at)):
            away = (lean - step) / max(lean, 0.5) if step < lean else (step - lean) / (wide - lean)
            out[at + step] = tall * (1 - 0.75 * min(1.0, away))
        at += wide
    return out


def _ragged(size: int, width: float, random: np.random.Generator) -> Floats:
    """Broken rock and earth: steps of unequal width, a walk that keeps near its middle."""
    out, at, level = np.zeros(size), 0, 0.5
    while at < size:
        wide = int(random.integers(1, max(2, round(width)) + 1))
        level = float(np.clip(level * 0.7 + 0.15 + random.uniform(-0.45, 0.45), 0, 1))
        out[at : at + wide] = level
        at += wide
    return out


def _rounded(size: int, width: float, random: np.random.Generator) -> Floats:
    """Bushes, clouds, cobbles: bulges beside each other."""
    out, at = np.zeros(size), 0
    while at < size:
        wide = max(3, round(random.uniform(1.2, 2.2) * width))
        tall = random.uniform(0.7, 1.0)
        for step in range(min(wide, size - at)):
            across = (step + 0.5) / wide * 2 - 1
            out[at + step] = tall * np.sqrt(max(0.0, 1 - across * across))
        at += wide
    return out


def _smooth(size: int, width: float, random: np.random.Generator) -> Floats:
    """A shore: two slow waves."""
    along = np.arange(size) / size * 2 * np.pi
    first, second = random.uniform(0, 2 * np.pi, 2)
    return 0.5 + 0.28 * np.sin(along + first) + 0.22 * np.sin(2 * along + second)


FORMS: dict[str, Callable[[int, float, np.random.Generator], Floats]] = {
    "blades": _blades,
    "ragged": _ragged,
    "rounded": _rounded,
    "smooth": _smooth,
}
