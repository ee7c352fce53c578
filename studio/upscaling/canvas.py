"""The source of an enlarged picture, of which only what is asked for is ever enlarged.

It is laid open in a file of rows, and a part is read with as much around it as the filter looks at,
so that it is the part of the whole enlarged at once: to the bit at whole factors, within a level at
others, where Pillow counts in single precision.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.images import unpacked
from studio.store.publish import publishing
from studio.upscaling import bleeding
from studio.upscaling.bleeding import CELL
from studio.upscaling.engine import CONTEXT, Own
from studio.upscaling.grid import Box
from studio.upscaling.sizes import Target

FILTERS = {"lanczos": Image.Resampling.LANCZOS, "nearest": Image.Resampling.NEAREST}
REACH = 3  # source pixels on either side that Lanczos looks at, where it enlarges
SLACK = 2  # more than that, for rounding

Pixels = NDArray[np.uint8]
assert unpacked.ROWS == CELL


@dataclass(frozen=True)
class Source:
    """A picture laid open. `rows`: the file of its rows; `hash`: the SHA-256 of the picture's
    file; `cells`: the colours that are bled over what is transparent, None where all is opaque.
    `wrap`: the axes on which it goes on at its other side."""

    rows: Path
    hash: str
    width: int
    height: int
    cells: Pixels | None
    wrap: str = ""

    def strip(self, top: int, bottom: int) -> Pixels:
        """Whole rows as they are in the file [bottom - top, width, 4]."""
        return np.array(self._mapped()[top:bottom])

    def pixels(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """A part [bottom - top, right - left, 4] with bled colours; on an axis that wraps it may
        begin before 0 and end anywhere."""
        columns = list(_pieces(left, right, self.width))
        rows = list(_pieces(top, bottom, self.height))
        if len(columns) == len(rows) == 1:
            return self._piece(*columns[0], *rows[0])
        return np.concatenate(
            [np.concatenate([self._piece(*x, *y) for x in columns], axis=1) for y in rows]
        )

    def region(self, box: Box, target: Target, first: str = "lanczos") -> Image.Image:
        """What lies in `box` of the picture enlarged to `target`, RGBA at the box's size, with
        colours bled under alpha 0 before they are enlarged; `first` is one of FILTERS."""
        if (self.width, self.height) == (target.width, target.height):
            return Image.fromarray(self.pixels(box.left, box.top, box.right, box.bottom), "RGBA")
        part = self._part(box, target, REACH)
        seen = self.pixels(*part.around)
        colour = Image.fromarray(np.ascontiguousarray(seen[..., :3]), "RGB")
        large = part.enlarged(colour, FILTERS[first])
        if self.cells is None:
            large.putalpha(255)
        else:
            alpha = Image.fromarray(np.ascontiguousarray(seen[..., 3]), "L")
            large.putalpha(part.enlarged(alpha, FILTERS[first]))
        return large

    def alpha(self, box: Box, target: Target, first: str = "lanczos") -> Pixels:
        """The alpha alone of `region` [height, width]."""
        if self.cells is None:
            return np.full((box.height, box.width), 255, np.uint8)
        part = self._part(box, target, REACH)
        rows = np.arange(part.around[1], part.around[3]) % self.height
        columns = np.arange(part.around[0], part.around[2]) % self.width
        seen = _taken(self._mapped(), rows, columns)[..., 3]
        alpha = Image.fromarray(np.ascontiguousarray(seen), "L")
        return np.asarray(part.enlarged(alpha, FILTERS[first]))

    def own(self, box: Box, target: Target) -> Own:
        """The source's own pixels under a box, with what a model looks at around them."""
        x = _Stretch.of(box.left, box.right, self.width, target.width)
        y = _Stretch.of(box.top, box.bottom, self.height, target.height)
        columns = x.around(CONTEXT, "x" in self.wrap)
        rows = y.around(CONTEXT, "y" in self.wrap)
        seen = self.pixels(columns[0], rows[0], columns[1], rows[1])
        picture = Image.fromarray(np.ascontiguousarray(seen), "RGBA")
        size = (self.width, self.height)
        return Own(picture, columns[0], rows[0], size, target, self.wrap)

    def _part(self, box: Box, target: Target, reach: int) -> _Part:
        x = _Stretch.of(box.left, box.right, self.width, target.width)
        y = _Stretch.of(box.top, box.bottom, self.height, target.height)
        columns, rows = x.around(reach, "x" in self.wrap), y.around(reach, "y" in self.wrap)
        around = (columns[0], rows[0], columns[1], rows[1])
        return _Part(around, x, y, (box.left, box.top, box.right, box.bottom))

    def _piece(self, left: int, right: int, top: int, bottom: int) -> Pixels:
        """A part that lies within the picture, with bled colours."""
        mapped = self._mapped()
        seen = np.array(mapped[top:bottom, left:right])
        if self.cells is None or seen[..., 3].all():
            return seen
        x, y = left // CELL, top // CELL
        cells = self.cells[y : -(-bottom // CELL), x : -(-right // CELL)]
        whole = np.array(
            mapped[y * CELL : (y + cells.shape[0]) * CELL, x * CELL : (x + cells.shape[1]) * CELL]
        )
        filled = bleeding.bled(whole, cells)
        return filled[top - y * CELL : bottom - y * CELL, left - x * CELL : right - x * CELL]

    def _mapped(self) -> Pixels:
        """All rows, mapped for as long as this is held: what is read from them is copied, since
        pages of a map count as the process' own memory."""
        mapped: Pixels = np.load(self.rows, mmap_mode="r")
        return mapped


@dataclass(frozen=True)
class _Stretch:
    """A stretch of one axis of the result from `first` to `last`; at whole factors made longer to
    the source's pixels that it cuts, so that a filter begins where it does in the whole."""

    first: int
    last: int
    source: int
    target: int

    @classmethod
    def of(cls, first: int, last: int, source: int, target: int) -> _Stretch:
        times = target // source if target % source == 0 else 1
        return cls(first // times * times, -(-last // times) * times, source, target)

    def ends(self) -> tuple[float, float]:
        """In pixels of the source."""
        return self.first * self.source / self.target, self.last * self.source / self.target

    def around(self, reach: int, wraps: bool) -> tuple[int, int]:
        """What a filter of `reach` looks at, within the source unless that wraps."""
        more = math.ceil(reach * max(1.0, self.source / self.target)) + SLACK
        first, last = self.ends()
        begin, end = math.floor(first) - more, math.ceil(last) + more
        return (begin, end) if wraps else (max(0, begin), min(self.source, end))


@dataclass(frozen=True)
class _Part:
    """What is read for a box, in pixels of the source, what of the result it is enlarged to, and
    the box itself in the result: left, top, right, bottom."""

    around: tuple[int, int, int, int]
    x: _Stretch
    y: _Stretch
    box: tuple[int, int, int, int]

    def enlarged(self, seen: Image.Image, filter: Image.Resampling) -> Image.Image:
        """The box of what was read. Rows are made before columns whatever the part's form: left to
        itself Pillow chooses by it, and parts would differ from the whole."""
        (left, right), (top, bottom) = self.x.ends(), self.y.ends()
        x, y = self.around[:2]
        size = (self.x.last - self.x.first, self.y.last - self.y.first)
        wide = seen.resize((size[0], seen.height), filter, (left - x, 0, right - x, seen.height))
        large = wide.resize(size, filter, (0, top - y, size[0], bottom - y))
        begin = (self.box[0] - self.x.first, self.box[1] - self.y.first)
        end = (self.box[2] - self.x.first, self.box[3] - self.y.first)
        return large if size == end and begin == (0, 0) else large.crop((*begin, *end))


def open_source(picture: Path, workdir: Path, wrap: str = "") -> Source:
    """The picture in a file, laid open in `workdir` unless it is there already. Errors as
    `images.open_picture`, and StudioError where the disk is full."""
    try:
        with picture.open("rb") as file:
            hash = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StudioError(
            f"{picture}: the file can't be read ({error.strerror or error}).",
            "Check its permissions and the disk.",
        ) from error
    rows, cells = (workdir / f"source-{hash[:16]}{end}.npy" for end in ("", "-cells"))
    if not cells.is_file():
        _lay_open(picture, rows, cells)
    return opened(workdir, hash, wrap)


def opened(workdir: Path, hash: str, wrap: str = "") -> Source:
    """What `open_source` laid open; `hash` is that of the picture's file. OSError where it is
    not there."""
    rows, cells = (workdir / f"source-{hash[:16]}{end}.npy" for end in ("", "-cells"))
    height, width, _ = np.load(rows, mmap_mode="r").shape
    bled = np.load(cells)
    return Source(rows, hash, width, height, bled if bled.size else None, wrap)


def _lay_open(picture: Path, rows: Path, cells: Path) -> None:
    """The rows first and the cells last, whose presence says that both are whole."""
    summed: list[NDArray[np.uint32]] = []
    opaque = True

    def seen(strip: Pixels) -> None:
        nonlocal opaque
        opaque = opaque and bool((strip[..., 3] == 255).all())
        summed.append(bleeding.sums(strip))

    with publishing(rows) as aside:
        unpacked.unpack(picture, aside, seen)
    bled = np.zeros((0, 0, 3), np.uint8) if opaque else bleeding.coarse(np.stack(summed))
    with publishing(cells) as aside, aside.open("wb") as file:
        np.save(file, bled)


def _pieces(first: int, last: int, length: int) -> Iterator[tuple[int, int]]:
    """The stretches of 0 to `length` that make up `first` to `last`, taken modulo."""
    while first < last:
        begin = first % length
        end = min(length, begin + last - first)
        yield begin, end
        first += end - begin


def _taken(mapped: Pixels, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Pixels:
    """Rows and columns of a mapped picture, copied; in one stretch wherever they are."""
    if rows[-1] - rows[0] == len(rows) - 1 and columns[-1] - columns[0] == len(columns) - 1:
        return np.array(mapped[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.asarray(mapped[rows[:, None], columns])
