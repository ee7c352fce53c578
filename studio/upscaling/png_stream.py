"""A PNG written strip by strip, as its rows are made: RGBA of 8 bits, never whole in memory.

Each row is filtered by whichever of none, Sub and Up leaves the least (PNG, third edition, 12.7),
and packed quickly: an 8K picture is written in seconds and may be packed tighter when it leaves.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LEVEL = 1
NONE, SUB, UP = 0, 1, 2
BYTES = 4  # a pixel

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Written:
    """The SHA-256 of a file's bytes, how many these are, and the hash of its size and pixels as
    `images.pixel_digest` has it."""

    hash: str
    bytes: int
    pixels: str


class PngStream:
    """A PNG of `width` x `height` that takes its rows from the top down; `text` is kept in it by
    keyword. Used as a context; `written` is known after it."""

    def __init__(self, file: Path, width: int, height: int, text: dict[str, str] | None = None):
        self._path, self._width, self._height = file, width, height
        self._text = text or {}
        self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 15, 9)
        self._above = np.zeros(width * BYTES, np.uint8)
        self._hash, self._bytes, self._rows = hashlib.sha256(), 0, 0
        self._pixels = hashlib.sha256(f"{width}x{height}".encode())
        self._file: BinaryIO | None = None
        self.written: Written | None = None

    def __enter__(self) -> PngStream:
        self._file = self._path.open("wb")
        self._put(SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", self._width, self._height, 8, 6, 0, 0, 0))
        for key, value in self._text.items():
            said = key.encode("latin-1") + b"\0\0\0\0\0" + value.encode()
            self._chunk(b"iTXt", said)
        return self

    def write(self, rows: Pixels) -> None:
        """The next rows [n, width, 4]."""
        flat = np.ascontiguousarray(rows).reshape(len(rows), self._width * BYTES)
        self._pixels.update(flat.data)
        self._chunk(b"IDAT", self._packer.compress(_filtered(flat, self._above).data))
        self._above = flat[-1].copy()
        self._rows += len(rows)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        try:
            if kind is None:
                assert self._rows == self._height, (self._rows, self._height)
                self._chunk(b"IDAT", self._packer.flush())
                self._chunk(b"IEND", b"")
                self.written = Written(
                    self._hash.hexdigest(), self._bytes, self._pixels.hexdigest()
                )
        finally:
            self._file.close()

    def _chunk(self, name: bytes, data: bytes) -> None:
        if name == b"IDAT" and not data:
            return
        self._put(struct.pack(">I", len(data)) + name)
        self._put(data)
        self._put(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))

    def _put(self, data: bytes) -> None:
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)
        self._bytes += len(data)


def _filtered(rows: Pixels, above: Pixels) -> Pixels:
    """Rows [n, bytes] each behind the number of its filter [n, 1 + bytes]; `above` is the row
    before the first."""
    tried = np.empty((3, *rows.shape), np.uint8)
    tried[NONE] = rows
    tried[SUB] = rows
    tried[SUB, :, BYTES:] -= rows[:, :-BYTES]
    tried[UP, 0] = rows[0] - above
    np.subtract(rows[1:], rows[:-1], out=tried[UP, 1:])
    # A byte above 127 stands for a negative one: so far from 0 is what it costs, about.
    cost = np.minimum(tried, np.negative(tried)).sum(axis=2, dtype=np.uint32)
    best = cost.argmin(axis=0)
    found = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
    found[:, 0] = best
    found[:, 1:] = tried[best, np.arange(len(rows))]
    return found
