"""Finished tiles, each a file that is there whole or not at all.

<folder>/<key>-<mark>.npy     its pixels as drawn, RGB or RGBA [height, width, 3 or 4]
<folder>/<key>-<mark>.failed  it was black or not finite, in full precision too

The mark says what it was drawn from (`studio.upscaling.marks`), so that a tile of other settings,
or of a neighbour that was drawn anew, is not taken for this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.store.publish import publish, publishing
from studio.upscaling.grid import Tile

Pixels = NDArray[np.uint8]
WAITING, DRAWN, FAILED = "waiting", "drawn", "failed"


@dataclass(frozen=True)
class TileFiles:
    """The tiles of one job; `marks` by key."""

    folder: Path
    marks: Mapping[str, str]

    def file(self, key: str, end: str = ".npy") -> Path:
        """Where a tile lies, or would."""
        return self.folder / f"{key}-{self.marks[key]}{end}"

    def state(self, key: str) -> str:
        """WAITING, DRAWN or FAILED."""
        if self.file(key).is_file():
            return DRAWN
        return FAILED if self.file(key, ".failed").is_file() else WAITING

    def read(self, tile: Tile) -> Pixels | None:
        """A tile's pixels, mapped from its file; None where it was not drawn, or the file is not
        whole (after a power cut)."""
        try:
            pixels: Pixels = np.load(self.file(tile.key), mmap_mode="r")
        except (OSError, ValueError, EOFError):
            return None
        return pixels if pixels.shape[:2] == (tile.box.height, tile.box.width) else None

    def save(self, key: str, pixels: Pixels) -> None:
        """Keep a tile. StudioError where the disk refuses; what was kept before stays."""
        whole = np.ascontiguousarray(pixels)
        with publishing(self.file(key)) as aside, aside.open("wb") as file:
            # np.save says of a full disk only how many values were left over.
            header = np.lib.format.header_data_from_array_1_0(whole)
            np.lib.format.write_array_header_1_0(file, header)
            file.write(whole.data)
        self.file(key, ".failed").unlink(missing_ok=True)

    def fail(self, key: str, reason: str) -> None:
        """Note that a tile could not be drawn."""
        publish(self.file(key, ".failed"), reason)

    def sweep(self) -> None:
        """Take away the tiles of other marks."""
        known = {self.file(key).stem for key in self.marks}
        for file in self.folder.glob("*-*"):
            if file.stem not in known and not file.name.startswith("."):
                with suppress(FileNotFoundError):
                    file.unlink()
