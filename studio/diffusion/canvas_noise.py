"""Noise cut from one canvas by position, so that tiles which overlap begin from the same noise.

The canvas is never held: it is made of blocks of BLOCK cells a side, each from a generator of its
own, seeded by the canvas' seed and the block's place. Cells are those of latents.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch

BLOCK = 64  # cells a side


class Placed(Protocol):
    """A box in the result's pixels."""

    @property
    def left(self) -> int: ...
    @property
    def top(self) -> int: ...


@dataclass(frozen=True)
class Canvas:
    """The noise of one picture. `pixels` of the result are a cell wide and high: 8, or less where
    tiles are drawn larger than they are. `wrap` is "", "x", "y" or "xy": on those axes the canvas
    goes on over its edge, `width` and `height` being the result's in pixels."""

    seed: int
    channels: int
    pixels: float
    wrap: str = ""
    width: int = 0
    height: int = 0


def cut(canvas: Canvas, box: Placed, shape: tuple[int, int]) -> torch.Tensor:
    """Noise float32 [channels, rows, columns] on the CPU for a tile at `box`; `shape` is (rows,
    columns) in cells. A place between cells takes the nearest one."""
    top, left = (_cell(place, canvas.pixels) for place in (box.top, box.left))
    rows, columns = (
        _places(first, count, _cell(whole, canvas.pixels) if axis in canvas.wrap else 0)
        for axis, first, count, whole in (
            ("y", top, shape[0], canvas.height),
            ("x", left, shape[1], canvas.width),
        )
    )
    return _gathered(canvas, rows, columns)


def _cell(pixels: float, size: float) -> int:
    return math.floor(pixels / size + 0.5)


def _places(first: int, count: int, period: int) -> list[int]:
    return [place % period if period > 0 else place for place in range(first, first + count)]


def _gathered(canvas: Canvas, rows: list[int], columns: list[int]) -> torch.Tensor:
    import torch

    found = torch.empty(canvas.channels, len(rows), len(columns))
    for down, above in _runs(rows):
        for across, before in _runs(columns):
            block = _block(canvas.seed, above // BLOCK, before // BLOCK, canvas.channels)
            y, x = above % BLOCK, before % BLOCK
            high, wide = down.stop - down.start, across.stop - across.start
            found[:, down, across] = block[:, y : y + high, x : x + wide]
    return found


def _runs(places: list[int]) -> list[tuple[slice, int]]:
    """Stretches that lie within one block one after the other: where they go, and the first."""
    found: list[tuple[slice, int]] = []
    begin = 0
    for at in range(1, len(places) + 1):
        ends = at == len(places)
        if ends or places[at] != places[at - 1] + 1 or places[at] % BLOCK == 0:
            found.append((slice(begin, at), places[begin]))
            begin = at
    return found


def _block(seed: int, row: int, column: int, channels: int) -> torch.Tensor:
    import torch

    mark = hashlib.sha256(f"{seed} {row} {column}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(mark[:8], "big") >> 1)
    return torch.randn(channels, BLOCK, BLOCK, generator=generator)
