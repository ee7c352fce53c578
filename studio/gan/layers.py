"""Layers that the models have in common: convolutions that go on over an edge, and doubling."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2  # of leaky ReLU below 0


def wrapped(x: Tensor, by: int, way: str) -> Tensor:
    """[n, c, h, w] with `by` more pixels at each edge: from across it where pictures go on over
    that edge (`way` "xy", "x", "y" or ""), else 0."""
    for axis, pads in (("x", (by, by, 0, 0)), ("y", (0, 0, by, by))):
        x = functional.pad(x, pads, mode="circular" if axis in way else "constant")
    return x


class Conv(nn.Conv2d):
    """A convolution of `kernel` pixels over pictures that go on over the edges of `way`."""

    def __init__(
        self, into: int, out: int, kernel: int, stride: int = 1, *, way: str = "", bias: bool = True
    ) -> None:
        edge = (kernel - 1) // 2
        # PyTorch's own zeros are quicker than a picture that is padded before.
        super().__init__(into, out, kernel, stride, 0 if way else edge, bias=bias)
        self.edge, self.way = edge, way

    def forward(self, x: Tensor) -> Tensor:
        if self.way and self.edge:
            x = wrapped(x, self.edge, self.way)
        return super().forward(x)


class Doubling(nn.ConvTranspose2d):
    """Twice the size, by a transposed convolution of 4 pixels, over the edges of `way`, too."""

    def __init__(self, into: int, out: int, *, way: str = "", bias: bool = False) -> None:
        # What one more pixel at each edge adds to the outcome, 2, is cut off again.
        super().__init__(into, out, 4, 2, 3 if way else 1, bias=bias)
        self.way = way

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        return super().forward(wrapped(x, 1, self.way) if self.way else x, output_size)


def doubled(x: Tensor) -> Tensor:
    """Twice the size, each pixel four times."""
    return functional.interpolate(x, scale_factor=2, mode="nearest")


def leaky(x: Tensor) -> Tensor:
    """Leaky ReLU with slope SLOPE."""
    return functional.leaky_relu(x, SLOPE)


def he(module: nn.Module, gain: float = 1.0) -> None:
    """Weights whose outcome is as large as what comes in, behind leaky ReLU, times `gain`
    (He et al. 2015); biases 0."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        assert isinstance(module.weight, Tensor)
        fan = module.weight[0].numel()
        nn.init.normal_(module.weight, 0.0, gain * math.sqrt(2 / (1 + SLOPE**2) / fan))
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def count(module: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(value.numel() for value in module.parameters())


def summed(x: Tensor) -> Tensor:
    """[n, c, h, w] summed over places: [n, c]."""
    return torch.sum(x, (2, 3))
