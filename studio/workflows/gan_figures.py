"""What a GAN's training is measured by on its way: KID, Vendi and coverage of small sheets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PIL import Image

from studio import images
from studio.diffusion import bundled_bases
from studio.evaluation import features, metrics
from studio.gan.data import Pictures
from studio.gan.diversity import KID, VENDI
from studio.gan.pixels import as_numbers, as_pictures
from studio.gan.sampling import Sampler
from studio.gan.shape import Shape
from studio.generation import delivery

SEED = 0
MOST = 2_500  # real pictures that are compared with, evenly among all
FIRST = 1_000_000  # the seed of the first measured picture: those that people try lie below


class Measuring:
    """Measures generators against the same real pictures, which are encoded once."""

    def __init__(self, pictures: Pictures, matte: tuple[int, int, int], count: int) -> None:
        self.pictures, self.count = pictures, count
        self.seen = features.pocket_features(bundled_bases.CLIP, matte)

    @cached_property
    def reals(self) -> features.Vectors:
        """The features of the real pictures."""
        found = real_pictures(self.pictures, MOST)
        return self.seen.encode_pictures(found)

    def __call__(self, sampler: Sampler) -> dict[str, float]:
        """Figures of a generator by name."""
        drawn = sampler.draw(range(FIRST, FIRST + self.count))
        return self.of(delivered(sampler.shape, drawn))

    def of(self, drawn: Sequence[Image.Image]) -> dict[str, float]:
        """The figures of pictures that were drawn."""
        vectors = self.seen.encode_pictures(list(drawn))
        kid = metrics.kid_interval(vectors, self.reals, seed=SEED)
        return {
            KID: kid.value,
            f"{KID}_low": kid.low,
            f"{KID}_high": kid.high,
            VENDI: metrics.vendi(vectors),
            "coverage": metrics.coverage(vectors, self.reals),
        }


def delivered(shape: Shape, drawn: Sequence[Image.Image]) -> list[Image.Image]:
    """Pictures as people get them where their style has no recipe: pixel art has hard edges."""
    hard = shape.filter == "nearest" and shape.channels == 4
    return [delivery.crisp(one) for one in drawn] if hard else list(drawn)


def real_pictures(pictures: Pictures, most: int) -> list[Image.Image]:
    """At most so many of what is learned from, evenly among all, as RGBA."""
    count = min(most, len(pictures))
    places = np.linspace(0, len(pictures) - 1, count).round().astype(int).tolist()
    found = list[Image.Image]()
    for start in range(0, count, 256):
        part = pictures.take(places[start : start + 256])
        found += as_pictures(as_numbers(part))
    return found


def sheet(pictures: Sequence[Image.Image], columns: int = 8) -> Image.Image:
    """Pictures in rows, small ones enlarged by whole factors."""
    side = max(pictures[0].size)
    cell = side * max(1, 64 // side)
    rows = [list(pictures[k : k + columns]) for k in range(0, len(pictures), columns)]
    return images.grid(rows, cell)
