"""A picture in levels, each half as large as the one before and cut into squares, so that a page
shows a part of any size at once.

<folder>/levels.json                   width, height, side and count
<folder>/<level>/<column>-<row>.webp   level 0 is the whole size

Made in one pass from the top down: no more than a band of each level is in memory.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.images import unpacked
from studio.store.publish import publishing

SIDE = 512  # pixels; even, so that bands halve without a rest
ABOUT = "levels.json"
TIGHT: dict[str, Any] = {"lossless": True, "quality": 0, "method": 0, "exact": False}
LOOSE: dict[str, Any] = {"quality": 90, "method": 1, "alpha_quality": 100}

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Levels:
    """The picture's size, its squares' side, and how many levels there are; in the last one it is
    a single square."""

    width: int
    height: int
    side: int
    count: int

    def size(self, level: int) -> tuple[int, int]:
        """Width and height of a level in pixels; half pixels count whole."""
        return -(-self.width // 2**level), -(-self.height // 2**level)

    def squares(self, level: int) -> tuple[int, int]:
        """How many columns and rows of squares a level has."""
        width, height = self.size(level)
        return -(-width // self.side), -(-height // self.side)


def of(width: int, height: int) -> Levels:
    """The levels of a picture of that size."""
    count = 1
    while max(width, height) > SIDE * 2 ** (count - 1):
        count += 1
    return Levels(width, height, SIDE, count)


def file(folder: Path, level: int, column: int, row: int) -> Path:
    """Where a square lies."""
    return folder / str(level) / f"{column}-{row}.webp"


def read(folder: Path) -> Levels | None:
    """The levels in a folder; None where there are none."""
    try:
        return Levels(**json.loads((folder / ABOUT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(picture: Path, folder: Path, *, lossless: bool) -> Levels:
    """Cuts the picture in one of the studio's own files into levels, and puts them in the folder's
    place when they are whole. `lossless` keeps every colour, as pixel art needs it. Errors as
    `images.open_result`, and StudioError where the disk refuses."""
    with publishing(folder, flush=False) as aside:
        aside.mkdir()
        with tempfile.TemporaryDirectory(dir=aside) as place:
            rows = Path(place) / "rows.npy"
            size = unpacked.unpack(picture, rows)
            found = of(*size)
            _cut(found, _bands(rows), aside, TIGHT if lossless else LOOSE)
        (aside / ABOUT).write_text(json.dumps(asdict(found)))
    return found


def square(folder: Path, level: int, column: int, row: int) -> Path:
    """The file of a square. StudioError where there is none."""
    found = read(folder)
    if found is None:
        raise StudioError("This picture has no levels yet.", "Wait a moment and load it again.")
    columns, rows = found.squares(level) if 0 <= level < found.count else (0, 0)
    if not (0 <= column < columns and 0 <= row < rows):
        raise StudioError(
            f"Level {level} has no square {column}-{row}.", f"It has {columns} x {rows}."
        )
    return file(folder, level, column, row)


def _bands(rows: Path) -> Iterator[Pixels]:
    height = np.load(rows, mmap_mode="r").shape[0]
    for top in range(0, height, SIDE):
        yield np.array(np.load(rows, mmap_mode="r")[top : top + SIDE])


def _cut(levels: Levels, bands: Iterator[Pixels], folder: Path, packing: dict[str, Any]) -> None:
    """Writes each band of SIDE rows of each level; half of it goes to the next."""
    waiting: list[list[Pixels]] = [[] for _ in range(levels.count)]
    done = [0] * levels.count
    for level in range(levels.count):
        (folder / str(level)).mkdir()

    def take(level: int, band: Pixels) -> None:
        waiting[level].append(band)
        held = sum(len(one) for one in waiting[level])
        left = levels.size(level)[1] - done[level] * SIDE
        if held < min(SIDE, left):
            return
        whole = np.concatenate(waiting[level])
        waiting[level] = []
        _write(whole, level, done[level], folder, packing)
        done[level] += 1
        if level + 1 < levels.count:
            take(level + 1, np.asarray(Image.fromarray(whole, "RGBA").reduce(2)))

    for band in bands:
        take(0, band)


def _write(band: Pixels, level: int, row: int, folder: Path, packing: dict[str, Any]) -> None:
    for column, left in enumerate(range(0, band.shape[1], SIDE)):
        part = np.ascontiguousarray(band[:, left : left + SIDE])
        picture = Image.fromarray(part, "RGBA")
        if part[..., 3].min() == 255:
            picture = picture.convert("RGB")
        picture.save(file(folder, level, column, row), format="WEBP", **packing)
