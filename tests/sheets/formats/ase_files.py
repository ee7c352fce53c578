"""Files of .aseprite as other programs may write them, put together byte by byte by the format's
specification: several layers, groups, grey and indexed colours, chunks that nobody knows."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence


def file(
    frames: Sequence[tuple[int, Sequence[bytes]]],
    width: int,
    height: int,
    depth: int = 32,
    transparent: int = 0,
    flags: int = 1,
) -> bytes:
    """Frames, each a duration and its chunks."""
    body = b"".join(
        struct.pack("<IHHH2xI", 16 + sum(map(len, own)), 0xF1FA, len(own), duration, len(own))
        + b"".join(own)
        for duration, own in frames
    )
    head = struct.pack(
        "<IHHHHHIH8xB3xHBBhhHH84x",
        *(128 + len(body), 0xA5E0, len(frames), width, height, depth, flags, 100),
        *(transparent, 0, 1, 1, 0, 0, 0, 0),
    )
    return head + body


def chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


def text(words: str) -> bytes:
    data = words.encode()
    return struct.pack("<H", len(data)) + data


def layer(
    name: str, flags: int = 3, kind: int = 0, level: int = 0, opacity: int = 255, blend: int = 0
) -> bytes:
    shape = struct.pack("<HHHHHHB3x", flags, kind, level, 0, 0, blend, opacity)
    return chunk(0x2004, shape + text(name))


def cel(
    at: int, x: int, y: int, width: int, height: int, pixels: bytes, opacity: int = 255, z: int = 0
) -> bytes:
    head = struct.pack("<HhhBHh5xHH", at, x, y, opacity, 2, z, width, height)
    return chunk(0x2005, head + zlib.compress(pixels))


def linked(at: int, frame: int, x: int = 0, y: int = 0, opacity: int = 255) -> bytes:
    return chunk(0x2005, struct.pack("<HhhBHh5xH", at, x, y, opacity, 1, 0, frame))


def palette(colours: Sequence[tuple[int, int, int, int]]) -> bytes:
    rows = b"".join(struct.pack("<HBBBB", 0, *one) for one in colours)
    return chunk(0x2019, struct.pack("<III8x", len(colours), 0, len(colours) - 1) + rows)


def pivots(name: str, keys: Sequence[tuple[int, int, int]], width: int, height: int) -> bytes:
    """A slice as large as the canvas; each key is a frame and the pivot from there on."""
    rows = b"".join(
        struct.pack("<IiiIIii", frame, 0, 0, width, height, x, y) for frame, x, y in keys
    )
    return chunk(0x2022, struct.pack("<III", len(keys), 2, 0) + text(name) + rows)


def old_palette(colours: Sequence[tuple[int, int, int]], kind: int = 0x0004) -> bytes:
    """As older files have it, in one packet: of 8 bits, or of 6 (0x0011)."""
    rows = b"".join(bytes(one) for one in colours)
    return chunk(kind, struct.pack("<HBB", 1, 0, len(colours)) + rows)


def boxes(name: str, keys: Sequence[tuple[int, int, int, int, int]]) -> bytes:
    """A slice; each key is a frame and the box from there on: left, top, width, height."""
    rows = b"".join(struct.pack("<IiiII", *one) for one in keys)
    return chunk(0x2022, struct.pack("<III", len(keys), 0, 0) + text(name) + rows)
