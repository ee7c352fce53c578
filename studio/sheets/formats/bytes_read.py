"""Numbers and texts of a binary file, little-endian, one after the other."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from studio.errors import StudioError


@dataclass
class Cursor:
    """A place in bytes that moves on as they are read. StudioError, naming the file, where they
    end too early."""

    data: bytes
    name: str
    at: int = 0

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if count < 0 or count > self.left:
            raise damaged(self.name)
        found = self.data[self.at : self.at + count]
        self.at += count
        return found

    def numbers(self, shape: str) -> tuple[int, ...]:
        """The next numbers, by struct's letters without the order of bytes."""
        return struct.unpack(f"<{shape}", self.take(struct.calcsize(f"<{shape}")))

    def one(self, shape: str) -> int:
        """The next number."""
        return self.numbers(shape)[0]

    def text(self) -> str:
        """A text that begins with how long it is; bytes that are no UTF-8 become a sign for it."""
        return self.take(self.one("H")).decode("utf-8", "replace")

    def unpacked(self, count: int) -> bytes:
        """What the rest holds, deflated: so many bytes and no more."""
        try:
            found = zlib.decompressobj().decompress(self.take(self.left), count)
        except zlib.error as error:
            raise damaged(self.name) from error
        if len(found) != count:
            raise damaged(self.name)
        return found


def damaged(name: str) -> StudioError:
    """The error for a file that ends too early or holds what can't be."""
    return StudioError(f"{name}: the file is truncated or damaged.", "Save or copy it again.")
