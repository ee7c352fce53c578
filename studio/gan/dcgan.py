"""The model `dcgan` (Radford et al. 2016): transposed convolutions with batch norm.

Beyond the paper: any base, classes by an embedding and by projection, circular edges.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.gan.layers import Conv, Doubling, leaky
from studio.gan.shape import Shape

WIDEST = 16  # times ngf or ndf
DEVIATION = 0.02  # of weights at first, as in the paper


def widths(first: int, layers: int) -> list[int]:
    """Feature maps of each size but the full one, from the smallest."""
    return [first * min(WIDEST, 2**k) for k in range(layers - 1, -1, -1)]


class Generator(nn.Module):
    """Latents [n, latent] and classes' weights [n, classes] to pictures [n, channels, h, w], -1 to
    1."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.base = shape.base
        wide, way = widths(shape.ngf, shape.layers), shape.seamless
        width, height = shape.base
        self.named = (
            nn.Linear(len(shape.classes), shape.latent, bias=False) if shape.classes else None
        )
        into = shape.latent * (2 if shape.classes else 1)
        self.start = nn.Linear(into, wide[0] * width * height, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(one) for one in wide)
        self.up = nn.ModuleList(
            Doubling(into, out, way=way) for into, out in zip(wide, wide[1:], strict=False)
        )
        self.out = Doubling(wide[-1], shape.channels, way=way)
        self.apply(_begin)

    def forward(self, latents: Tensor, classes: Tensor) -> Tensor:
        if self.named is not None:
            latents = torch.cat([latents, self.named(classes)], 1)
        width, height = self.base
        x = self.start(latents).view(len(latents), -1, height, width)
        x = functional.relu(self.norms[0](x))
        for up, norm in zip(self.up, list(self.norms)[1:], strict=True):
            x = functional.relu(norm(up(x)))
        return torch.tanh(self.out(x))


class Discriminator(nn.Module):
    """Pictures [n, channels, h, w] and classes' weights [n, classes] to [n]: high is real."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        wide, way = widths(shape.ndf, shape.layers)[::-1], shape.seamless
        self.first = Conv(shape.channels, wide[0], 4, 2, way=way, bias=False)
        self.down = nn.ModuleList(
            Conv(into, out, 4, 2, way=way, bias=False)
            for into, out in zip(wide, wide[1:], strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(one) for one in wide[1:])
        places = wide[-1] * shape.base[0] * shape.base[1]
        self.out = nn.Linear(places, 1, bias=False)
        self.named = nn.Linear(len(shape.classes), places, bias=False) if shape.classes else None
        self.apply(_begin)

    def forward(self, pictures: Tensor, classes: Tensor) -> Tensor:
        x = leaky(self.first(pictures))
        for down, norm in zip(self.down, self.norms, strict=True):
            x = leaky(norm(down(x)))
        x = x.flatten(1)
        told: Tensor = self.out(x)[:, 0]
        if self.named is not None:
            told = told + (x * self.named(classes)).sum(1)
        return told


def _begin(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        assert isinstance(module.weight, Tensor)
        nn.init.normal_(module.weight, 0.0, DEVIATION)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, DEVIATION)
        nn.init.zeros_(module.bias)
