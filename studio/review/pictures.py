"""Pictures to be judged, kept so that nothing but their pixels differs.

What a sheet holds may be drawn anew; what people judge stays. So a ballot and a rating round copy
their pictures when they open, all to one size and without metadata, and send them at one length.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError

PADDING = 12  # bytes of an empty PNG chunk


@dataclass(frozen=True)
class Side:
    """A version of a style, or its base without any (number 0)."""

    style: str
    number: int

    @property
    def name(self) -> str:
        return f"version {self.number}" if self.number else "base"


@dataclass(frozen=True)
class Drawn:
    """What one side drew: files by prompt and seed, from the prompt set `prompts`."""

    side: Side
    prompts: str
    files: dict[tuple[str, int], Path]


@dataclass(frozen=True)
class Kept:
    """Pictures as kept: sha256 by file, one side in pixels, and the length they are sent at."""

    names: dict[Path, str]
    size: int
    length: int


def keep(home: Path, files: Iterable[Path]) -> Kept:
    """Copy the pictures to home/review/pictures, all squares of one size.

    StudioError where one can't be read. Sizes that differ are brought to the largest.
    """
    given = list(dict.fromkeys(files))
    if not given:
        raise StudioError("There is no picture to judge.", "Evaluate the versions first.")
    # Opened twice, one by one: together, large pictures would fill the memory of the web process.
    size = max(max(images.open_picture(file).size) for file in given)
    names, longest = {}, 0
    for file in given:
        data = encode(fitted(images.open_picture(file), size))
        names[file] = hashlib.sha256(data).hexdigest()
        longest = max(longest, len(data))
        if not _file(home, names[file]).exists():
            write_aside(_file(home, names[file]), data)
    return Kept(names, size, longest + PADDING)


def fitted(picture: Image.Image, size: int) -> Image.Image:
    """The picture on a square of `size`, pixel for pixel where the factor is whole."""
    whole = size % max(picture.size) == 0
    return images.scaled(picture, size, "nearest" if whole else "lanczos")


def encode(picture: Image.Image) -> bytes:
    """PNG of nothing but visible pixels: no metadata, no colours under full transparency."""
    pixels = np.array(picture.convert("RGBA"))
    pixels[pixels[..., 3] == 0] = 0
    written = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(written, format="PNG", compress_level=3)
    return written.getvalue()


def padded(data: bytes, length: int) -> bytes:
    """The PNG at exactly `length` bytes, by a chunk before its end that viewers pass over."""
    spare = length - len(data) - PADDING
    if spare < 0:
        raise ValueError(f"{len(data)} bytes can't be padded to {length}")
    body = b"paDd" + bytes(spare)
    chunk = struct.pack(">I", spare) + body + struct.pack(">I", zlib.crc32(body))
    return data[:-12] + chunk + data[-12:]  # the last 12 bytes are the chunk IEND


def read(home: Path, name: str, length: int) -> bytes:
    """A kept picture at the length it is sent at; StudioError where it is gone."""
    try:
        return padded(_file(home, name).read_bytes(), length)
    except OSError as error:
        raise StudioError(
            "A picture of this ballot is gone from the studio's folder.",
            "Restore review/pictures from a backup, or open the ballot anew.",
        ) from error


def _file(home: Path, name: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{64}", name):
        raise ValueError(f"{name!r} is no kept picture")
    return home / "review" / "pictures" / name[:2] / f"{name}.png"


def write_aside(file: Path, data: bytes) -> None:
    """Write aside, then rename: a reader sees the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
        os.replace(aside, file)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
