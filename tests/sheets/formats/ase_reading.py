"""A reader of .aseprite files that knows nothing of the studio's: written from the format's
specification (docs/ase-file-specs.md of aseprite/aseprite) for RGBA files of plain layers.

Little-endian throughout. Header 128 bytes: DWORD size, WORD 0xA5E0, WORD frames, WORD width, WORD
height, WORD depth, DWORD flags, ... Frame: DWORD size, WORD 0xF1FA, WORD chunks of old, WORD
duration, BYTE[2], DWORD chunks. Chunk: DWORD size, WORD type, data.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Sprite:
    """What the file says: layers by name and whether they are seen, frames with a duration and a
    cel for each layer (x, y, width, height, bytes), tags, slices, palette, texts."""

    width: int
    height: int
    size: int
    layers: list[tuple[str, bool]] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    cels: list[dict[int, tuple[int, int, int, int, bytes]]] = field(default_factory=list)
    links: int = 0
    tags: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    slices: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    palette: list[tuple[int, int, int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def picture(self, frame: int, layer: int = 0) -> bytes:
        """All pixels of a layer in a frame, row by row."""
        canvas = bytearray(self.width * self.height * 4)
        x, y, width, height, data = self.cels[frame][layer]
        for row in range(height):
            for column in range(width):
                left, top = x + column, y + row
                if 0 <= left < self.width and 0 <= top < self.height:
                    at, source = 4 * (top * self.width + left), 4 * (row * width + column)
                    canvas[at : at + 4] = data[source : source + 4]
        return bytes(canvas)


def read(data: bytes) -> Sprite:
    """The sprite; AssertionError where the file is not as the specification has it."""
    size, magic, frames, width, height, depth, flags = struct.unpack_from("<IHHHHHI", data)
    assert (size, magic, depth) == (len(data), 0xA5E0, 32) and flags & 1
    sprite, at = Sprite(width, height, size), 128
    for number in range(frames):
        length, magic, old, duration, count = struct.unpack_from("<IHHH2xI", data, at)
        assert magic == 0xF1FA and old in (count, 0xFFFF)
        sprite.durations.append(duration)
        sprite.cels.append({})
        place = at + 16
        for _ in range(count):
            chunk, kind = struct.unpack_from("<IH", data, place)
            _chunk(sprite, kind, data[place + 6 : place + chunk], number)
            place += chunk
        assert place == at + length
        at += length
    assert at == len(data)
    return sprite


def _text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", data, at)
    return data[at + 2 : at + 2 + length].decode("utf-8"), at + 2 + length


def _chunk(sprite: Sprite, kind: int, data: bytes, frame: int) -> None:
    if kind == 0x2004:
        flags, layer_type = struct.unpack_from("<HH", data)
        assert layer_type == 0
        sprite.layers.append((_text(data, 16)[0], bool(flags & 1)))
    elif kind == 0x2005:
        layer, x, y, opacity, cel_type = struct.unpack_from("<HhhBH", data)
        assert opacity == 255
        if cel_type == 1:
            (link,) = struct.unpack_from("<H", data, 16)
            sprite.cels[frame][layer] = sprite.cels[link][layer]
            sprite.links += 1
        else:
            assert cel_type == 2
            width, height = struct.unpack_from("<HH", data, 16)
            pixels = zlib.decompress(data[20:])
            assert len(pixels) == width * height * 4
            sprite.cels[frame][layer] = x, y, width, height, pixels
    elif kind == 0x2018:
        (count,) = struct.unpack_from("<H", data)
        at = 10
        for _ in range(count):
            first, last, direction, repeat = struct.unpack_from("<HHBH", data, at)
            name, at = _text(data, at + 17)
            sprite.tags.append((name, first, last, direction, repeat))
    elif kind == 0x2019:
        _, first, last = struct.unpack_from("<III", data)
        at = 20
        for _ in range(first, last + 1):
            named, *colour = struct.unpack_from("<HBBBB", data, at)
            assert not named
            sprite.palette.append((colour[0], colour[1], colour[2], colour[3]))
            at += 6
    elif kind == 0x2020:
        if struct.unpack_from("<I", data)[0] & 1:
            sprite.texts.append(_text(data, 4)[0])
    elif kind == 0x2022:
        _slice(sprite, data)
    else:
        assert kind == 0x2007, hex(kind)


def _slice(sprite: Sprite, data: bytes) -> None:
    count, flags, _ = struct.unpack_from("<III", data)
    name, at = _text(data, 12)
    for _ in range(count):
        frame, x, y, width, height = struct.unpack_from("<IiiII", data, at)
        at += 20
        key: dict[str, Any] = {"frame": frame, "bounds": (x, y, width, height)}
        if flags & 1:
            key["centre"] = struct.unpack_from("<iiII", data, at)
            at += 16
        if flags & 2:
            key["pivot"] = struct.unpack_from("<ii", data, at)
            at += 8
        sprite.slices.setdefault(name, []).append(key)
    assert at == len(data)
