"""What a step is given beside the pictures: turned ones, classes' weights, latents, changes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studio.gan import augmentation
from studio.gan.augmentation import Changes
from studio.gan.data import Asked
from studio.gan.settings import GanSettings
from studio.gan.shape import Shape


def random_of(seed: int, step: int) -> torch.Generator:
    """What a step's random numbers come from, on the CPU: the same for the same step."""
    state = np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)


def turned(pictures: Tensor, asked: Asked, randomly: torch.Generator) -> Tensor:
    """Pictures [n, channels, h, w], mirrored at random where that is as good, and rolled at random
    over the edges that they go on over."""
    if asked.mirror:
        over = torch.rand((len(pictures), 1, 1, 1), generator=randomly) < 0.5
        pictures = torch.where(over, pictures.flip(3), pictures)
    axes = [axis for axis, name in ((1, "y"), (2, "x")) if name in asked.seamless]
    if not axes:
        return pictures
    moved = []
    by = torch.rand((len(pictures), len(axes)), generator=randomly).tolist()
    for picture, shares in zip(pictures, by, strict=True):
        steps = [int(part * picture.shape[axis]) for part, axis in zip(shares, axes, strict=True)]
        moved.append(torch.roll(picture, steps, axes))
    return torch.stack(moved)


def weights(ids: Tensor, count: int) -> Tensor:
    """Classes [n] as weights [n, count]; -1, of none, weighs nothing."""
    if not count:
        return torch.zeros((len(ids), 0))
    return functional.one_hot(ids.clamp_min(0), count).float() * (ids >= 0).float()[:, None]


def drawn(
    shape: Shape, settings: GanSettings, randomly: torch.Generator
) -> tuple[Tensor, tuple[Changes, Changes] | None]:
    """Latents [batch_size, latent], and how real and generated pictures are changed."""
    latent = torch.randn((settings.batch_size, shape.latent), generator=randomly)
    if not settings.augment:
        return latent, None
    first, second = (
        augmentation.drawn(settings.batch_size, shape.size, randomly) for _ in range(2)
    )
    return latent, (first, second)
