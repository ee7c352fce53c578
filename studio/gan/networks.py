"""The two networks of each model, built from a shape."""

from __future__ import annotations

import torch
from torch import nn

from studio.gan import biggan, dcgan, sprite
from studio.gan.settings import BIGGAN, DCGAN, DEEP_BIGGAN, SPRITE
from studio.gan.shape import Shape

ROOMS = {SPRITE: sprite, DCGAN: dcgan, BIGGAN: biggan, DEEP_BIGGAN: biggan}


def generator(shape: Shape, seed: int = 0) -> nn.Module:
    """A new generator; its weights come from `seed`, and torch's own random state stays."""
    return _built(shape, seed, "Generator")


def discriminator(shape: Shape, seed: int = 0) -> nn.Module:
    """A new discriminator, as `generator`."""
    return _built(shape, seed + 1, "Discriminator")


def _built(shape: Shape, seed: int, which: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: nn.Module = getattr(ROOMS[shape.model], which)(shape)
    return made
