"""The model `sprite`: small networks without any norm, for pictures of 16 to 64 pixels.

The recipe is R3GAN's (Huang et al. 2024, "The GAN is dead; long live the GAN!"): a relativistic
pairing loss with both gradient penalties needs neither norms nor tricks. The latent acts on every
block, by a factor for each feature map (after StyleGAN2, Karras et al. 2020, without its noise and
demodulation). Convolutions before a doubling are done at the smaller size, which halves a step.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.gan.layers import Conv, doubled, he, leaky
from studio.gan.shape import Shape

WIDEST = 8  # times ngf or ndf: no layer has more feature maps
HALF = 0.5**0.5


def widths(first: int, layers: int) -> list[int]:
    """Feature maps from the smallest size to the full one: [8, 4, 2, 1] times `first`, wider by
    none above WIDEST times."""
    return [first * min(WIDEST, 2**k) for k in range(layers, -1, -1)]


class Modulated(nn.Module):
    """A 3 x 3 convolution whose incoming feature maps are weighed by the latent."""

    def __init__(self, into: int, out: int, style: int, way: str, gain: float = 1.0) -> None:
        super().__init__()
        self.conv = Conv(into, out, 3, way=way)
        self.by = nn.Linear(style, into)
        he(self.conv, gain)
        nn.init.normal_(self.by.weight, 0.0, 0.5 / style**0.5)
        nn.init.ones_(self.by.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        made: Tensor = self.conv(x * self.by(style)[:, :, None, None])
        return made


class Block(nn.Module):
    """Twice the size, with a way past it."""

    def __init__(self, into: int, out: int, style: int, way: str) -> None:
        super().__init__()
        self.first = Modulated(into, out, style, way)
        self.second = Modulated(out, out, style, way)
        self.past = Conv(into, out, 1, bias=False)
        nn.init.normal_(self.past.weight, 0.0, into**-0.5)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        found = doubled(leaky(self.first(x, style)))
        found = leaky(self.second(found, style))
        return (doubled(self.past(x)) + found) * HALF


class Generator(nn.Module):
    """Latents [n, latent] and classes' weights [n, classes] to pictures [n, channels, h, w], about
    -1 to 1."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.base = shape.base
        wide = widths(shape.ngf, shape.layers)
        style = max(32, wide[0])
        named = style if shape.classes else 0
        self.named = nn.Linear(len(shape.classes), named, bias=False) if named else None
        self.mapping = nn.ModuleList(
            [nn.Linear(shape.latent + named, style), nn.Linear(style, style)]
        )
        self.start = nn.Linear(style, wide[0] * shape.base[0] * shape.base[1])
        self.inner = Modulated(wide[0], wide[0], style, shape.seamless)
        self.blocks = nn.ModuleList(
            Block(into, out, style, shape.seamless)
            for into, out in zip(wide, wide[1:], strict=False)
        )
        self.out = Conv(wide[-1], shape.channels, 1)
        for layer in (*self.mapping, self.start):
            he(layer)
        nn.init.normal_(self.out.weight, 0.0, 0.5 * wide[-1] ** -0.5)
        if self.out.bias is not None:
            nn.init.zeros_(self.out.bias)
        if self.named is not None:
            nn.init.normal_(self.named.weight)

    def forward(self, latents: Tensor, classes: Tensor) -> Tensor:
        style = latents
        if self.named is not None:
            style = torch.cat([style, self.named(classes)], 1)
        for layer in self.mapping:
            style = leaky(layer(style))
        width, height = self.base
        x = self.start(style).view(len(style), -1, height, width)
        x = (x + leaky(self.inner(x, style))) * HALF
        for block in self.blocks:
            x = block(x, style)
        made: Tensor = self.out(x)
        return made


class Discriminator(nn.Module):
    """Pictures [n, channels, h, w] and classes' weights [n, classes] to [n]: higher is more real.

    Classes act by projection (Miyato and Koyama, 2018).
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        wide = widths(shape.ndf, shape.layers)[::-1]
        way = shape.seamless
        self.first = Conv(shape.channels, wide[0], 3, way=way)
        self.down = nn.ModuleList(
            Conv(into, out, 4, 2, way=way) for into, out in zip(wide, wide[1:], strict=False)
        )
        self.inner = Conv(wide[-1], wide[-1], 3, way=way)
        self.last = nn.Linear(wide[-1] * shape.base[0] * shape.base[1], wide[-1])
        self.out = nn.Linear(wide[-1], 1)
        self.named = nn.Linear(len(shape.classes), wide[-1], False) if shape.classes else None
        for module in (self.first, *self.down, self.inner, self.last):
            he(module)
        nn.init.normal_(self.out.weight, 0.0, wide[-1] ** -0.5)
        nn.init.zeros_(self.out.bias)
        if self.named is not None:
            nn.init.normal_(self.named.weight, 0.0, wide[-1] ** -0.5)

    def forward(self, pictures: Tensor, classes: Tensor) -> Tensor:
        x = leaky(self.first(pictures))
        for down in self.down:
            x = leaky(down(x))
        x = (x + leaky(self.inner(x))) * HALF
        x = leaky(self.last(x.flatten(1)))
        told: Tensor = self.out(x)[:, 0]
        if self.named is not None:
            told = told + (x * self.named(classes)).sum(1)
        return told
