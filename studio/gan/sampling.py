"""Drawing with a GAN on the CPU: a seed is an asset, the same bytes whatever is drawn beside it.

oneDNN chooses other sums for other batches and thread counts, which changes some pictures by a
level. So all is drawn in batches of PADDED rows, on one thread, in fp32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from studio.gan import latents, model_file
from studio.gan.pixels import as_pictures
from studio.gan.shape import Shape

PADDED = 16  # rows of every batch
Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Sampler:
    """A generator that draws; its network lies on the CPU and is in `eval`."""

    shape: Shape
    network: nn.Module

    def draw(
        self,
        seeds: Sequence[int],
        classes: Sequence[tuple[str, float]] = (),
        truncation: float | None = None,
        told: Callable[[int], None] = lambda done: None,
    ) -> list[Image.Image]:
        """A picture for each seed, RGBA. `classes` and their weights are mixed; without, each seed
        has a class of its own. `truncation` as in `latents.of_seed`; `told` is told how many are
        done."""
        mixed = latents.mixed(self.shape, classes)
        rows = [latents.of_seed(self.shape, seed, truncation) for seed in seeds]
        kinds = [mixed if classes else latents.class_of(self.shape, seed) for seed in seeds]
        return self.of_latents(rows, kinds, told)

    def of_latents(
        self,
        rows: Sequence[Rows],
        classes: Sequence[Rows],
        told: Callable[[int], None] = lambda done: None,
    ) -> list[Image.Image]:
        """A picture for each latent [latent] and the weights of its classes."""
        made = list[Image.Image]()
        with one_thread(), torch.inference_mode():
            for start in range(0, len(rows), PADDED):
                part = range(start, min(start + PADDED, len(rows)))
                latent = np.zeros((PADDED, self.shape.latent), np.float32)
                kinds = np.zeros((PADDED, len(self.shape.classes)), np.float32)
                for row, place in enumerate(part):
                    latent[row], kinds[row] = rows[place], classes[place]
                drawn = self.network(torch.from_numpy(latent), torch.from_numpy(kinds))
                made += as_pictures(drawn[: len(part)])
                told(len(made))
        return made


def load(file: Path) -> Sampler:
    """What draws with a GAN's file."""
    return Sampler(*model_file.generator(file))


@contextmanager
def one_thread() -> Iterator[None]:
    """torch has one thread meanwhile, in all of this process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
