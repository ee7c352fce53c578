"""An .aseprite file, written by its specification: every frame whole, what the format has no place
for where `aseprite` says."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence

import numpy as np

from studio.pixels.hex_colours import Pixels, rgb_of
from studio.sheets.formats.aseprite_chunks import (
    DEFLATED,
    EDITABLE,
    FRAME,
    HEAD,
    LINKED,
    MAGIC,
    NINE,
    NORMALS,
    PIVOTED,
    VISIBLE,
    times,
)
from studio.sheets.sheet import DIRECTIONS, PIVOT, Animation, Slice, Tag, pixel_of


def written(animation: Animation) -> bytes:
    """The file of a sound animation: RGBA, equal frames of one name linked."""
    layers = _layers_of(animation)
    names = [frame.name for frame in animation.frames]
    same = [_firsts(one, names) for one in layers]
    frames = [
        (frame.duration_ms, _frame_chunks(layers, same, number, frame.name))
        for number, frame in enumerate(animation.frames)
    ]
    return _file_of(animation, frames, _file_chunks(animation))


def _file_chunks(animation: Animation) -> list[bytes]:
    """What the first frame says of the whole file, before its cels."""
    out = [_chunk(0x2007, struct.pack("<HHI8x", 1, 0, 0))]
    if animation.palette:
        rgb = rgb_of(animation.palette)
        rows = b"".join(struct.pack("<HBBBB", 0, *map(int, one), 255) for one in rgb)
        out.append(_chunk(0x2019, struct.pack("<III8x", len(rgb), 0, len(rgb) - 1) + rows))
    out.append(_layer("frames", VISIBLE | EDITABLE))
    if animation.normals:
        out.append(_layer(NORMALS, EDITABLE))
    if animation.tags:
        rows = b"".join(_tag(one) for one in animation.tags)
        out.append(_chunk(0x2018, struct.pack("<H8x", len(animation.tags)) + rows))
        out += [_chunk(0x2020, struct.pack("<I", 0)) for _ in animation.tags]
    x, y = pixel_of(animation.pivot)
    whole = Slice(PIVOT, (0, 0, animation.width, animation.height), None, (x, y))
    out.append(_slice([whole]))
    out.append(_note(" ".join(repr(float(one)) for one in animation.pivot)))
    named: dict[str, list[Slice]] = {}
    for one in animation.slices:
        named.setdefault(one.name, []).append(one)
    return [*out, *(_slice(keys) for keys in named.values())]


def _layers_of(animation: Animation) -> list[list[Pixels]]:
    """The frames of each layer that is written: as they are seen, and their normal maps."""
    out = [[np.asarray(one.image) for one in animation.frames]]
    return [*out, [np.asarray(one) for one in animation.normals]] if animation.normals else out


def _firsts(pictures: Sequence[Pixels], names: Sequence[str]) -> list[int]:
    """For each picture the number of the first that is the same and has the same name: linked cels
    share their text, which is the name of the frame."""
    known: dict[tuple[bytes, str], int] = {}
    marks = [
        (hashlib.sha256(one.tobytes()).digest(), name)
        for one, name in zip(pictures, names, strict=True)
    ]
    return [known.setdefault(mark, number) for number, mark in enumerate(marks)]


def _frame_chunks(
    layers: Sequence[Sequence[Pixels]], same: Sequence[Sequence[int]], number: int, name: str
) -> list[bytes]:
    """The cels of a frame; one that is as an earlier one was (`_firsts`) is linked to it."""
    out = []
    for at, pictures in enumerate(layers):
        first, pixels = same[at][number], pictures[number]
        kind = DEFLATED if first == number else LINKED
        begin = struct.pack("<HhhBHh5x", at, 0, 0, 255, kind, 0)
        if kind == LINKED:
            out.append(_chunk(0x2005, begin + struct.pack("<H", first)))
        else:
            size = struct.pack("<HH", pixels.shape[1], pixels.shape[0])
            out.append(_chunk(0x2005, begin + size + zlib.compress(pixels.tobytes())))
        if at == 0 and name:
            out.append(_note(name))
    return out


def _file_of(
    animation: Animation,
    frames: Sequence[tuple[int, list[bytes]]],
    first: Sequence[bytes],
) -> bytes:
    """All of it put together."""
    body = []
    for number, (duration, own) in enumerate(frames):
        chunks = [*(first if number == 0 else ()), *own]
        data = b"".join(chunks)
        old = min(len(chunks), 0xFFFF)
        told = struct.pack("<IHHH2xI", 16 + len(data), FRAME, old, duration, len(chunks))
        body.append(told + data)
    held = b"".join(body)
    colours = len(animation.palette) & 0xFFFF
    head = struct.pack(
        "<IHHHHHIH8xB3xHBBhhHH84x",
        HEAD + len(held),
        MAGIC,
        len(frames),
        animation.width,
        animation.height,
        32,
        1,
        animation.frames[0].duration_ms,
        0,
        colours,
        1,
        1,
        0,
        0,
        16,
        16,
    )
    return head + held


def _chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<H", len(data)) + data


def _layer(name: str, flags: int) -> bytes:
    return _chunk(0x2004, struct.pack("<HHHHHHB3x", flags, 0, 0, 0, 0, 0, 255) + _string(name))


def _tag(tag: Tag) -> bytes:
    way = DIRECTIONS.index(tag.direction)
    return struct.pack("<HHBH6x3xx", tag.first, tag.last, way, times(tag)) + _string(tag.name)


def _note(text: str) -> bytes:
    return _chunk(0x2020, struct.pack("<I", 1) + _string(text))


def _slice(keys: Sequence[Slice]) -> bytes:
    """A slice of one name. All its keys have borders, and a pivot, where one of them has."""
    flags = NINE * any(one.borders for one in keys) + PIVOTED * any(one.pivot for one in keys)
    rows = []
    for one in sorted(keys, key=lambda key: key.frame):
        left, top, width, height = one.box
        rows.append(struct.pack("<IiiII", one.frame, left, top, width, height))
        if flags & NINE:
            x, y, right, low = one.borders or (0, 0, 0, 0)
            rows.append(struct.pack("<iiII", x, y, width - x - right, height - y - low))
        if flags & PIVOTED:
            rows.append(struct.pack("<ii", *(one.pivot or (0, 0))))
    head = struct.pack("<III", len(keys), flags, 0) + _string(keys[0].name)
    return _chunk(0x2022, head + b"".join(rows))
