"""Pictures to be judged, kept so that nothing but their pixels differs.

What a sheet holds may be drawn anew; what people judge stays. So a ballot and a rating round copy
their pictures when they open, all to one size and without metadata, and send them at one length.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.store.publish import publish

PADDING = 20  # from so many bytes on every length can be reached


HAND = -1


@dataclass(frozen=True)
class Side:
    """A version of a style, its base without any (number 0), or pictures that people made
    (number HAND; `style` is then what they are called)."""

    style: str
    number: int

    @property
    def name(self) -> str:
        if self.number == HAND:
            return self.style
        return f"version {self.number}" if self.number else "base"


def names(sides: Sequence[Side]) -> list[str]:
    """What the sides are called beside each other: with their style where there are several."""
    several = len({side.style for side in sides if side.number != HAND}) > 1
    return [f"{s.style} {s.name}" if several and s.number != HAND else s.name for s in sides]


# How a file becomes the picture that is judged.
Opened = Callable[[Path], Image.Image]
Showing = Mapping[Path, Opened]


@dataclass(frozen=True)
class Drawn:
    """What one side drew: files by prompt and seed, from the prompt set `prompts`; `opened` gives
    a file's picture as it would be delivered."""

    side: Side
    prompts: str
    files: dict[tuple[str, int], Path]
    opened: Opened = field(default=images.open_picture, compare=False)


def shown(drawn: Iterable[Drawn], cells: Collection[tuple[str, int]] | None = None) -> Showing:
    """The files of the sides, of `cells` alone where they are given, and how each is opened."""
    return {
        file: one.opened
        for one in drawn
        for cell, file in one.files.items()
        if cells is None or cell in cells
    }


@dataclass(frozen=True)
class Kept:
    """Pictures as kept: sha256 by file, of spoilt copies too, one side in pixels, and the length
    they are sent at."""

    names: dict[Path, str]
    spoilt: dict[Path, str]
    size: int
    length: int


def keep(home: Path, files: Showing, spoil: Sequence[Path] = (), size: int = 0) -> Kept:
    """Copy the pictures to home/review/pictures, all squares of one size.

    `spoil` are those of `files` of which a spoilt copy is kept as well; `size` 0: the largest.
    StudioError where one can't be read.
    """
    if not files:
        raise StudioError("There is no picture to judge.", "Evaluate the versions first.")
    # Opened twice, one by one: together, large pictures would fill the memory.
    size = size or max(max(opened(file).size) for file, opened in files.items())
    found: dict[Path, str] = {}
    copies: dict[Path, str] = {}
    longest = 0

    def put(picture: Image.Image) -> str:
        nonlocal longest
        data = encode(picture)
        name = hashlib.sha256(data).hexdigest()
        longest = max(longest, len(data))
        if not _file(home, name).exists():
            publish(_file(home, name), data)
        return name

    for file, opened in files.items():
        found[file] = put(fitted(opened(file), size))
    for file in spoil:
        copies[file] = put(spoilt(fitted(files[file](file), size)))
    return Kept(found, copies, size, longest + PADDING)


def spoilt(picture: Image.Image) -> Image.Image:
    """A copy that is plainly worse: an eighth of its pieces lie elsewhere, colours are noisy."""
    rng = np.random.default_rng(0)
    pixels = np.array(picture.convert("RGBA"))
    side = max(1, pixels.shape[0] // 8)
    squares = [
        (y, x)
        for y in range(0, pixels.shape[0] - side + 1, side)
        for x in range(0, pixels.shape[1] - side + 1, side)
    ]
    moved = rng.permutation(len(squares))[: max(2, len(squares) // 4)]
    before = pixels.copy()
    for to, of in zip(moved, np.roll(moved, 1), strict=True):
        (y, x), (v, u) = squares[to], squares[of]
        pixels[y : y + side, x : x + side] = before[v : v + side, u : u + side]
    noise = rng.normal(0, 45, pixels[..., :3].shape)
    pixels[..., :3] = np.clip(pixels[..., :3] + noise, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


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
    """The PNG at exactly `length` bytes, with the very chunks that any other has at that length.

    Its pixels stay as they are compressed; empty blocks before them fill the room, which every
    decoder passes over. So not even the lengths of chunks tell how well a picture compresses.
    """
    chunks = list(_chunks(data))
    packed = b"".join(body for name, body in chunks if name == b"IDAT")
    bare = len(data) - 12 * sum(name == b"IDAT" for name, _ in chunks) + 12
    spare = length - bare
    # spare = 5 * stored + 6 * both: every number from 20 on, and some below.
    both = spare % 5
    stored = (spare - 6 * both) // 5
    if spare < 0 or stored < 0 and spare < 12:
        raise ValueError(f"{len(data)} bytes can't be padded to {length}")
    extra = b""
    if stored < 0:  # of a ballot of before, whose pictures were padded by a chunk of their own
        both, stored, extra = 0, 0, _chunk(b"paDd", bytes(spare - 12))
    # In deflate: an empty stored block; an empty block of the fixed code with one behind it.
    blocks = b"\x00\x00\x00\xff\xff" * stored + b"\x02\x00\x00\x00\xff\xff" * both
    filled = _chunk(b"IDAT", packed[:2] + blocks + packed[2:]) + extra
    head = b"".join(_chunk(name, body) for name, body in chunks if name not in (b"IDAT", b"IEND"))
    return data[:8] + head + filled + _chunk(b"IEND", b"")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        yield name, data[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


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
