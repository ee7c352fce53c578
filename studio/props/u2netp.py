"""U²-Net-P: which pixels of a picture are its figure, by a network of 1.1 million weights.

Qin and others, "U²-Net: Going Deeper with Nested U-Structure for Salient Object Detection" (2020),
in its small form, exact to https://github.com/xuebinqin/U-2-Net (model/u2net.py, U2NETP), with the
batch norms folded into the convolutions before them. The weights lie in `u2netp/`, with their
licence. Preparation and mask are those of rembg: 320 x 320 pixels, whatever the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from studio.errors import StudioError
from studio.settings import CHECKOUT

WEIGHTS = CHECKOUT / "u2netp" / "u2netp.safetensors"
SIDE = 320  # pixels, of what the network sees
MIDDLE, WIDE = 16, 64  # channels within a block, and between blocks
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures
LEAST = 1e-6  # between the least and the most that the network says; below it tells nothing


def _conv(inputs: int, outputs: int, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)


def _pooled(features: Tensor) -> Tensor:
    return F.max_pool2d(features, 2, stride=2, ceil_mode=True)


def _as_large(features: Tensor, other: Tensor) -> Tensor:
    size = other.shape[2:]
    if features.shape[2:] == size:
        return features
    return F.interpolate(features, size=size, mode="bilinear", align_corners=False)


class Block(nn.Module):
    """A U within the U (RSU in the paper): down by convolutions of the dilations `down`, halved in
    between where it is `pooled`, a `bottom`, and up again beside what came down; what went in, at
    its number of outputs, is added. Modules are in the order in which they act."""

    def __init__(
        self, inputs: int, outputs: int, down: Sequence[int], bottom: int, *, pooled: bool
    ) -> None:
        super().__init__()
        self.pooled = pooled
        self.into = _conv(inputs, outputs)
        first, *others = down
        self.down = nn.ModuleList(
            [_conv(outputs, MIDDLE, first), *(_conv(MIDDLE, MIDDLE, one) for one in others)]
        )
        self.bottom = _conv(MIDDLE, MIDDLE, bottom)
        *back, last = reversed(down)
        self.up = nn.ModuleList(
            [*(_conv(2 * MIDDLE, MIDDLE, one) for one in back), _conv(2 * MIDDLE, outputs, last)]
        )

    def forward(self, features: Tensor) -> Tensor:
        """[n, inputs, h, w] to [n, outputs, h, w]."""
        begun = found = F.relu(self.into(features))
        kept: list[Tensor] = []
        for number, layer in enumerate(self.down):
            if number and self.pooled:
                found = _pooled(found)
            found = F.relu(layer(found))
            kept.append(found)
        found = F.relu(self.bottom(found))
        for layer, beside in zip(self.up, reversed(kept), strict=True):
            found = F.relu(layer(torch.cat((_as_large(found, beside), beside), 1)))
        return found + begun


def _halving(inputs: int, depth: int) -> Block:
    """RSU-`depth`."""
    return Block(inputs, WIDE, (1,) * (depth - 1), 2, pooled=True)


def _dilated(inputs: int) -> Block:
    """RSU-4F."""
    return Block(inputs, WIDE, (1, 2, 4), 8, pooled=False)


class U2NetP(nn.Module):
    """The network. Modules are in the order in which they act."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            [_halving(3, 7), *(_halving(WIDE, depth) for depth in (6, 5, 4))]
            + [_dilated(WIDE), _dilated(WIDE)]
        )
        self.decoder = nn.ModuleList(
            [_dilated(2 * WIDE), *(_halving(2 * WIDE, depth) for depth in (4, 5, 6, 7))]
        )
        self.sides = nn.ModuleList([_conv(WIDE, 1) for _ in range(6)])
        self.out = nn.Conv2d(6, 1, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """[n, 3, h, w], normalised, to how much each pixel is of the figure, [n, 1, h, w] from 0
        to 1: the fused output, d0 in the paper's code."""
        found, kept = picture, list[Tensor]()
        for number, block in enumerate(self.encoder):
            found = block(_pooled(found) if number else found)
            kept.append(found)
        levels = [found]
        for block, beside in zip(self.decoder, reversed(kept[:-1]), strict=True):
            found = block(torch.cat((_as_large(found, beside), beside), 1))
            levels.append(found)
        drawn = [side(level) for side, level in zip(self.sides, reversed(levels), strict=True)]
        fused = torch.cat([_as_large(one, drawn[0]) for one in drawn], 1)
        return torch.sigmoid(self.out(fused))


def mask(picture: Image.Image) -> NDArray[np.uint8]:
    """How much each pixel of an RGB picture is of its figure, [h, w], 0 to 255; all 0 where the
    network tells nothing apart. On the CPU. StudioError where the weights are gone."""
    seen = torch.from_numpy(_prepared(picture))
    with torch.inference_mode():
        told = _network()(seen)[0, 0].numpy()
    low, high = float(told.min()), float(told.max())
    if high - low < LEAST:
        return np.zeros((picture.height, picture.width), np.uint8)
    small = Image.fromarray(((told - low) / (high - low) * 255).astype(np.uint8))
    return np.asarray(small.resize(picture.size, Image.Resampling.LANCZOS))


def _prepared(picture: Image.Image) -> NDArray[np.float32]:
    """[1, 3, 320, 320], by the picture's own brightest value, then by ImageNet's figures."""
    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(small).astype(np.float64)
    unit = pixels / max(float(pixels.max()), 1.0)
    normal = (unit - np.array(MEAN)) / np.array(SPREAD)
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], np.float32)


@cache
def _network() -> U2NetP:
    """The network with its weights, loaded once a process."""
    try:
        weights = load_file(WEIGHTS)
    except FileNotFoundError as error:
        raise StudioError(
            f"The weights that tell figures apart are gone: {WEIGHTS}.",
            "Put the folder u2netp of the studio's code back.",
        ) from error
    network = U2NetP()
    network.load_state_dict(weights)
    return network.eval()
