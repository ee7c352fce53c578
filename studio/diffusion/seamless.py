"""Textures that repeat without a seam: while they are drawn, what leaves on one side comes in on
the other.

Every convolution reads over the edge from the opposite side, where it reads zeros else. Of a
pipeline those of UNet and autoencoder have to: with the UNet's alone the pixels show the edge
again. Attention and normalisation know no places, so that a drawing of rolled noise is the rolled
drawing, for rolls by whole cells of the UNet's coarsest grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from studio.diffusion.sizes import GRID
from studio.errors import StudioError

if TYPE_CHECKING:
    import torch

WAYS = ("", "x", "y", "both")  # not at all, over the sides, over top and bottom, over all edges
Pads = tuple[int, int, int, int]  # left, right, top, bottom
Undo = Callable[[], None]


def wraps(way: str) -> tuple[bool, bool]:
    """Whether a way of WAYS goes over the sides, and over top and bottom."""
    return way in ("x", "both"), way in ("y", "both")


def axes(way: str) -> str:
    """The same as letters: "", "x", "y" or "xy"."""
    return "".join(axis for axis, wrapping in zip("xy", wraps(way), strict=True) if wrapping)


def check(way: str, width: int | None = None, height: int | None = None) -> str:
    """The same way; StudioError where it is none, or where a side, in pixels, would have to be cut
    out of a larger drawing across an edge that is to fit."""
    if way not in WAYS:
        raise StudioError(f"seamless is {way!r}.", f"Give one of {', '.join(filter(None, WAYS))}.")
    for side, pixels, wrapping in zip(
        ("width", "height"), (width, height), wraps(way), strict=True
    ):
        if wrapping and pixels and pixels % GRID:
            raise StudioError(
                f"{side} is {pixels}, and a seamless picture's is a multiple of {GRID}.",
                f"Give {-(-pixels // GRID) * GRID}.",
            )
    return way


@contextmanager
def circular(models: Iterable[Any], way: str) -> Iterator[None]:
    """The models' convolutions go over the edges within; afterwards all is as it was, so that a
    plain picture has the bytes that it had before. Tiled decoding is off meanwhile: a tile has
    edges of its own."""
    changed: list[Undo] = []
    try:
        for model in models if way else ():
            _wrap(model, way, changed)
            if getattr(model, "use_tiling", False):
                model.use_tiling = False
                changed.append(partial(setattr, model, "use_tiling", True))
        yield
    finally:
        for undo in reversed(changed):
            undo()


def _wrap(model: Any, way: str, changed: list[Undo]) -> None:
    """Have a model's convolutions read over the edges; how that is undone comes to `changed`."""
    import torch
    from diffusers.models.downsampling import Downsample2D

    beside: dict[int, Pads] = {}
    for module in model.modules():
        # SD's autoencoder puts zeros right and below by itself, before a convolution without any.
        if isinstance(module, Downsample2D) and module.use_conv and module.padding == 0:
            # An adapter's own are among them.
            own = (one for one in module.conv.modules() if isinstance(one, torch.nn.Conv2d))
            beside |= {id(one): (0, 1, 0, 1) for one in own if max(one.kernel_size) > 1}
            changed.append(partial(setattr, module, "padding", 0))
            module.padding = 1
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d) and module.padding_mode == "zeros":
            pads = beside.get(id(module)) or _pads(module)
            if any(pads):
                changed.append(partial(delattr, module, "_conv_forward"))
                module._conv_forward = _forward(module, pads, way)  # type: ignore[method-assign]


def _pads(conv: torch.nn.Conv2d) -> Pads:
    if isinstance(conv.padding, str):
        raise StudioError(
            f"This base pads a convolution by {conv.padding!r}, which can't go over the edges.",
            "Draw with another base.",
        )
    down, right = conv.padding
    return right, right, down, down


def _forward(conv: torch.nn.Conv2d, pads: Pads, way: str) -> Callable[..., torch.Tensor]:
    """What the convolution does in place of its own: what `pads` say comes from the opposite side
    on the axes of `way`, and is zero on the other one."""
    import torch.nn.functional as F

    wide, high = wraps(way)
    left, right, top, bottom = pads
    over = (left * wide, right * wide, top * high, bottom * high)
    zeros = (left - over[0], right - over[1], top - over[2], bottom - over[3])
    even = zeros[0] == zeros[1] and zeros[2] == zeros[3]
    padding = (zeros[2], zeros[0]) if even else (0, 0)

    def forward(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        x = F.pad(x, over, mode="circular")
        if not even:
            x = F.pad(x, zeros)
        return F.conv2d(x, weight, bias, conv.stride, padding, conv.dilation, conv.groups)

    return forward
