"""The models `biggan` and `deep-biggan` (Brock et al. 2019): residual blocks whose batch norm the
latent steers, spectral norms in both networks, self-attention at half the size.

`deep-biggan` has the paper's bottlenecks: two blocks a size, each at a quarter of the width, and
all of the latent in each; `biggan` gives each block a part of it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from studio.gan.layers import Conv, doubled, summed
from studio.gan.settings import DEEP_BIGGAN
from studio.gan.shape import Shape

WIDEST = 16  # times ngf or ndf
NARROW = 4  # a bottleneck has this part of a deep block's feature maps
SHARED = 128  # numbers that stand for a class
ATTENDED = 64


def widths(first: int, layers: int) -> list[int]:
    """Feature maps from the smallest size to the full one."""
    return [first * min(WIDEST, 2 ** max(k - 1, 0)) for k in range(layers, -1, -1)]


def attended(shape: Shape) -> int:
    """The doublings before self-attention: at half the full size, of which no side has more than
    ATTENDED places."""
    fits = [k for k in range(shape.layers) if max(shape.base) << k <= ATTENDED]
    return max(fits, default=0)


def _conv(into: int, out: int, kernel: int, way: str) -> Any:
    return _normed(Conv(into, out, kernel, way=way))


def _linear(into: int, out: int, bias: bool = True) -> Any:
    return _normed(nn.Linear(into, out, bias))


def _normed(layer: nn.Module) -> nn.Module:
    assert isinstance(layer.weight, Tensor)
    nn.init.orthogonal_(layer.weight)
    return spectral_norm(layer)


class Attention(nn.Module):
    """Each place looks at all others (Zhang et al. 2019); by `much`, which begins with 0."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        small = max(1, maps // 8)
        self.query, self.key = _conv(maps, small, 1, ""), _conv(maps, small, 1, "")
        self.value = _conv(maps, max(1, maps // 2), 1, "")
        self.out = _conv(max(1, maps // 2), maps, 1, "")
        self.much = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        seen = functional.max_pool2d(x, 2) if min(x.shape[2:]) > 1 else x
        query = self.query(x).flatten(2)
        key, value = self.key(seen).flatten(2), self.value(seen).flatten(2)
        weights = torch.softmax(torch.einsum("ncq,nck->nqk", query, key), 2)
        found = torch.einsum("nqk,nck->ncq", weights, value)
        made: Tensor = x + self.much * self.out(found.view(len(x), -1, *x.shape[2:]))
        return made


class Steered(nn.Module):
    """Batch norm whose factor and addend the latent gives."""

    def __init__(self, maps: int, by: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, affine=False)
        self.factor, self.addend = _linear(by, maps, False), _linear(by, maps, False)

    def forward(self, x: Tensor, by: Tensor) -> Tensor:
        factor, addend = self.factor(by)[:, :, None, None], self.addend(by)[:, :, None, None]
        made: Tensor = self.norm(x) * (1 + factor) + addend
        return made


class Up(nn.Module):
    """A residual block of the generator; `twice` the size, or the same."""

    def __init__(self, into: int, out: int, by: int, way: str, deep: bool, twice: bool) -> None:
        super().__init__()
        self.deep, self.twice, self.out = deep, twice, out
        mid = max(1, into // NARROW) if deep else out
        sizes = (
            [(into, mid, 1), (mid, mid, 3), (mid, mid, 3), (mid, out, 1)]
            if deep
            else [(into, out, 3), (out, out, 3)]
        )
        self.norms = nn.ModuleList(Steered(a, by) for a, _, _ in sizes)
        self.convs = nn.ModuleList(_conv(a, b, kernel, way) for a, b, kernel in sizes)
        self.past = None if deep else _conv(into, out, 1, way)

    def forward(self, x: Tensor, by: Tensor) -> Tensor:
        found = x
        at = 1 if self.deep else 0  # the convolution before which the size is doubled
        for place, (norm, conv) in enumerate(zip(self.norms, self.convs, strict=True)):
            found = functional.relu(norm(found, by))
            if self.twice and place == at:
                found = doubled(found)
            found = conv(found)
        past = x[:, : self.out] if self.past is None else x  # deep blocks drop feature maps
        past = doubled(past) if self.twice else past
        return found + (past if self.past is None else self.past(past))


class Generator(nn.Module):
    """Latents [n, latent] and classes' weights [n, classes] to pictures [n, channels, h, w], -1 to
    1."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.base, deep = shape.base, shape.model == DEEP_BIGGAN
        wide, way = widths(shape.ngf, shape.layers), shape.seamless
        shared = SHARED if shape.classes else 0
        self.named = nn.Linear(len(shape.classes), shared, bias=False) if shared else None
        # biggan: a part of the latent for the start, and one for each block.
        part = shape.latent // (shape.layers + 1)
        self.parts = [] if deep else [shape.latent - part * shape.layers] + [part] * shape.layers
        first = (shape.latent + shared) if deep else self.parts[0]
        by = (shape.latent if deep else part) + shared
        self.start = _linear(first, wide[0] * shape.base[0] * shape.base[1])
        self.blocks = nn.ModuleList()
        self.attend = attended(shape)
        self.attention = Attention(wide[self.attend])
        for into, out in zip(wide, wide[1:], strict=False):
            stage = [Up(into, into, by, way, deep, False)] if deep else []
            stage.append(Up(into, out, by, way, deep, True))
            self.blocks.append(nn.ModuleList(stage))
        self.norm = nn.BatchNorm2d(wide[-1])
        self.out = _conv(wide[-1], shape.channels, 3, way)

    def forward(self, latents: Tensor, classes: Tensor) -> Tensor:
        named = [self.named(classes)] if self.named is not None else []
        if self.parts:
            first, *rest = torch.split(latents, self.parts, 1)
            steering = [torch.cat([one, *named], 1) for one in rest]
        else:
            first = torch.cat([latents, *named], 1)
            steering = [first] * len(self.blocks)
        width, height = self.base
        x = self.start(first).view(len(latents), -1, height, width)
        for place, (stage, by) in enumerate(zip(self.blocks, steering, strict=True)):
            if place == self.attend:
                x = self.attention(x)
            assert isinstance(stage, nn.ModuleList)
            for block in stage:
                x = block(x, by)
        return torch.tanh(self.out(functional.relu(self.norm(x))))


class Down(nn.Module):
    """A residual block of the discriminator; `halved` in size, or the same."""

    def __init__(self, into: int, out: int, way: str, deep: bool, halved: bool, raw: bool) -> None:
        super().__init__()
        self.halved, self.raw, self.into, self.deep = halved, raw, into, deep
        mid = max(1, out // NARROW) if deep else out
        sizes = (
            [(into, mid, 1), (mid, mid, 3), (mid, mid, 3), (mid, out, 1)]
            if deep
            else [(into, out, 3), (out, out, 3)]
        )
        self.convs = nn.ModuleList(_conv(a, b, kernel, way) for a, b, kernel in sizes)
        more = out - into if deep else out
        self.past = _conv(into, more, 1, way) if more else None

    def forward(self, x: Tensor) -> Tensor:
        found, last = x, len(self.convs) - 1
        for place, conv in enumerate(self.convs):
            found = found if self.raw and not place else functional.relu(found)
            if self.deep and self.halved and place == last:
                found = functional.avg_pool2d(found, 2)
            found = conv(found)
        if self.halved and not self.deep:
            found = functional.avg_pool2d(found, 2)
        past = functional.avg_pool2d(x, 2) if self.halved else x
        if self.past is not None:  # deep blocks add the feature maps that are lacking
            past = torch.cat([past, self.past(past)], 1) if self.deep else self.past(past)
        return found + past


class Discriminator(nn.Module):
    """Pictures [n, channels, h, w] and classes' weights [n, classes] to [n]: high is real."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        deep, way = shape.model == DEEP_BIGGAN, shape.seamless
        wide = widths(shape.ndf, shape.layers)[::-1]
        self.first = _conv(shape.channels, wide[0], 3, way)
        self.attend = shape.layers - 1 - attended(shape)  # stages before it
        self.attention = Attention(wide[self.attend + 1])
        self.blocks = nn.ModuleList()
        for place, (into, out) in enumerate(zip(wide, wide[1:], strict=False)):
            stage = [Down(into, out, way, deep, True, place == 0)]
            if deep:
                stage.append(Down(out, out, way, deep, False, False))
            self.blocks.append(nn.ModuleList(stage))
        self.out = _linear(wide[-1], 1)
        self.named = _linear(len(shape.classes), wide[-1], False) if shape.classes else None

    def forward(self, pictures: Tensor, classes: Tensor) -> Tensor:
        x = self.first(pictures)
        for place, stage in enumerate(self.blocks):
            assert isinstance(stage, nn.ModuleList)
            for block in stage:
                x = block(x)
            if place == self.attend:
                x = self.attention(x)
        x = summed(functional.relu(x))
        told: Tensor = self.out(x)[:, 0]
        if self.named is not None:
            told = told + (x * self.named(classes)).sum(1)
        return told
