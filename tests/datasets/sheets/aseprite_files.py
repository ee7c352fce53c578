"""Aseprite's files made in code, by their documented format, for tests of the reader."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

import numpy as np

RGBA, GREY, INDEXED = 32, 16, 8


def chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


def text(words: str) -> bytes:
    raw = words.encode()
    return struct.pack("<H", len(raw)) + raw


def layer(
    name: str = "layer",
    *,
    visible: bool = True,
    group: bool = False,
    level: int = 0,
    mode: int = 0,
    opacity: int = 255,
    background: bool = False,
    reference: bool = False,
    tileset: int | None = None,
) -> bytes:
    flags = visible | background << 3 | reference << 6
    kind = 2 if tileset is not None else int(group)
    data = struct.pack("<HHHHHHB3x", flags, kind, level, 0, 0, mode, opacity) + text(name)
    return chunk(0x2004, data + (struct.pack("<I", tileset) if tileset is not None else b""))


def cel(
    layer: int,
    pixels: np.ndarray,
    *,
    at: tuple[int, int] = (0, 0),
    opacity: int = 255,
    z: int = 0,
    raw: bool = False,
) -> bytes:
    """Pixels [h, w] or [h, w, channels] of uint8."""
    head = struct.pack("<HhhBHh5x", layer, *at, opacity, 0 if raw else 2, z)
    data = pixels.astype(np.uint8).tobytes()
    size = struct.pack("<HH", pixels.shape[1], pixels.shape[0])
    return chunk(0x2005, head + size + (data if raw else zlib.compress(data)))


def linked(layer: int, frame: int) -> bytes:
    return chunk(0x2005, struct.pack("<HhhBHh5xH", layer, 0, 0, 255, 1, 0, frame))


FLIPS = (0x1FFF_FFFF, 0x8000_0000, 0x4000_0000, 0x2000_0000)


def tilemap(layer: int, tiles: Sequence[Sequence[int]]) -> bytes:
    table = np.array(tiles, "<u4")
    head = struct.pack("<HhhBHh5x", layer, 0, 0, 255, 3, 0)
    size = struct.pack("<HHH4I10x", table.shape[1], table.shape[0], 32, *FLIPS)
    return chunk(0x2005, head + size + zlib.compress(table.tobytes()))


def tileset(which: int, tiles: np.ndarray, flags: int = 2 | 4) -> bytes:
    """Tiles [n, h, w, channels]."""
    data = zlib.compress(tiles.astype(np.uint8).tobytes())
    head = struct.pack("<IIIHHh14x", which, flags, len(tiles), tiles.shape[2], tiles.shape[1], 1)
    return chunk(0x2023, head + text("tiles") + struct.pack("<I", len(data)) + data)


def palette(colours: Sequence[Sequence[int]], first: int = 0, size: int = 0) -> bytes:
    last = first + len(colours) - 1
    entries = b"".join(struct.pack("<H4B", 0, *colour) for colour in colours)
    return chunk(0x2019, struct.pack("<III8x", size or last + 1, first, last) + entries)


def old_palette(colours: Sequence[Sequence[int]]) -> bytes:
    entries = b"".join(bytes(colour) for colour in colours)
    return chunk(0x0004, struct.pack("<HBB", 1, 0, len(colours) % 256) + entries)


def tags(*found: tuple[str, int, int]) -> bytes:
    data = struct.pack("<H8x", len(found))
    for name, first, last in found:
        data += struct.pack("<HHB12x", first, last, 0) + text(name)
    return chunk(0x2018, data)


def sprite(
    size: tuple[int, int],
    frames: Sequence[Iterable[bytes]],
    *,
    depth: int = RGBA,
    transparent: int = 0,
    flags: int = 1,
    ratio: tuple[int, int] = (1, 1),
    count: int | None = None,
) -> bytes:
    """A file of these chunks, frame by frame; `count` is what its header says of them."""
    body = b""
    for chunks in frames:
        some = list(chunks)
        data = b"".join(some)
        body += struct.pack("<IHHH2xI", 16 + len(data), 0xF1FA, len(some), 100, len(some)) + data
    shown = len(frames) if count is None else count
    head = struct.pack("<IHHHHHI", 128 + len(body), 0xA5E0, shown, *size, depth, flags)
    head += struct.pack("<HIIB3xHBB", 100, 0, 0, transparent, 256, *ratio)
    return head.ljust(128, b"\0") + body


def plain(colour: Sequence[int], size: tuple[int, int] = (2, 2)) -> np.ndarray:
    """One colour over width and height."""
    return np.full((size[1], size[0], len(colour)), colour, np.uint8)
