"""What a seed stands for: the numbers that a generator makes a picture of, for good.

They come from numpy's RandomState, whose stream is frozen (numpy's NEP 19), unlike torch's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from studio.errors import StudioError
from studio.gan.shape import Shape

Floats = NDArray[np.float64]


def of_seed(shape: Shape, seed: int, truncation: float | None = None) -> Floats:
    """The latent [shape.latent] of a seed from 0 to 2^64 - 1, normally distributed.

    Under a `truncation` above 0 (None: the shape's own) each number is squeezed into what a normal
    one is that lies within it of 0: the same seed, less unlike the others. So a seed moves steadily
    as it grows, while Brock et al. (2019) draw anew what lies beyond.
    """
    numbers = _stream(seed).standard_normal(shape.latent)
    within = shape.truncation if truncation is None else truncation
    if not within:
        return np.asarray(numbers)
    low, high = special.ndtr(-within), special.ndtr(within)
    return np.asarray(special.ndtri(low + special.ndtr(numbers) * (high - low)))


def class_of(shape: Shape, seed: int) -> Floats:
    """The weights of classes [classes] of a seed for which none is named: one of them, as often as
    it was learned from."""
    if not shape.classes:
        return np.zeros(0)
    edges = np.cumsum(shape.shares)
    drawn = _stream(seed, 1).random_sample() * edges[-1]
    place = min(int(np.searchsorted(edges, drawn, side="right")), len(shape.classes) - 1)
    return np.eye(len(shape.classes))[place]


def mixed(shape: Shape, wanted: Sequence[tuple[str, float]]) -> Floats:
    """The weights [classes] of several classes, to the sum 1. StudioError names what is none."""
    made = np.zeros(len(shape.classes))
    for name, weight in wanted:
        if name not in shape.classes:
            raise StudioError(
                f"It knows no class {name!r}.",
                f"It knows: {', '.join(shape.classes[:40])}."
                if shape.classes
                else "It was trained without classes: leave them out.",
            )
        if not weight >= 0:
            raise StudioError(f"The weight of {name} is {weight:g}.", "Give 0 or more.")
        made[shape.classes.index(name)] += weight
    if wanted and not made.sum():
        raise StudioError("The classes weigh nothing.", "Give one of them a weight above 0.")
    return made / made.sum() if len(made) and made.sum() else made


def between(first: Floats, second: Floats, share: float) -> Floats:
    """The latent at `share` of the way, on the arc: as far from 0 as latents are (White, 2016)."""
    one, two = np.linalg.norm(first), np.linalg.norm(second)
    if not one or not two:
        return first * (1 - share) + second * share
    cosine = float(np.clip(first @ second / (one * two), -1, 1))
    angle = np.arccos(cosine)
    if np.sin(angle) < 1e-6:
        return first * (1 - share) + second * share
    made = np.sin((1 - share) * angle) * first / one + np.sin(share * angle) * second / two
    return np.asarray(made / np.sin(angle) * (one * (1 - share) + two * share))


def _stream(seed: int, part: int = 0) -> np.random.RandomState:
    if not 0 <= seed < 2**64:
        raise StudioError(f"The seed {seed} can't be drawn.", "Give 0 to 2^64 - 1.")
    return np.random.RandomState([seed & 0xFFFFFFFF, seed >> 32, part])
