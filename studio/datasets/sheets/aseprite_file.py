"""Aseprite's files (.aseprite, .ase), read by their documented format: header, layers, cels, tags.

Cels stay packed until a frame is drawn, so that what a header promises costs no memory. Sizes are
checked before anything is unpacked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from studio.datasets.sheets import frames
from studio.datasets.sheets.aseprite_sprite import (
    AGAIN,
    CHANNELS,
    GROUP,
    LINKED,
    PACKED,
    RAW,
    TILEMAP,
    TILES,
    Cel,
    Layer,
    Palette,
    Sprite,
    Tag,
    Tileset,
    linked,
)
from studio.errors import StudioError
from studio.pixels import blending

DEEPEST = 100  # groups in groups


class _Reader:
    """Little-endian values, one after the other; struct.error at the end of the bytes."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, shape: str) -> tuple[int, ...]:
        found: tuple[int, ...] = struct.unpack_from(f"<{shape}", self.data, self.at)
        self.at += struct.calcsize(f"<{shape}")
        return found

    def one(self, shape: str) -> int:
        return self.take(shape)[0]

    def text(self) -> str:
        return self.raw(self.one("H")).decode("utf-8", "replace")

    def raw(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise struct.error("it ends too early")
        self.at += count
        return bytes(self.data[self.at - count : self.at])

    def rest(self) -> bytes:
        return self.raw(len(self.data) - self.at)


def read(data: bytes, name: str) -> Sprite:
    """The content of a file; `name` is what errors call it.

    StudioError for what is no such file, is damaged, has more pixels than are read, or keeps its
    tiles in another file.
    """
    try:
        sprite = _header(_Reader(memoryview(data)), name)
        frames.check_size(
            name, sprite.width * sprite.ratio[0], sprite.height * sprite.ratio[1], sprite.frames
        )
        at = 128
        for number in range(sprite.frames):
            size, magic = struct.unpack_from("<IH", data, at)
            if magic != 0xF1FA or size < 16 or at + size > len(data):
                raise sprite.damaged(f"frame {number + 1} is damaged or missing")
            _frame(sprite, number, memoryview(data)[at : at + size])
            at += size
    except struct.error as error:
        raise StudioError(f"{name}: the file is damaged or cut off.", AGAIN) from error
    _check(sprite)
    return sprite


def _header(reader: _Reader, name: str) -> Sprite:
    if len(reader.data) < 128:
        raise StudioError(f"{name}: the file is damaged or cut off.", AGAIN)
    _, magic, count, width, height, depth, flags = reader.take("IHHHHHI")
    reader.take("HII")
    transparent = reader.one("B")
    reader.take("3BH")
    across, down = reader.take("BB")
    if magic != 0xA5E0 or depth not in CHANNELS:
        raise StudioError(f"{name}: this is no file of Aseprite's.", "Export it as PNG.")
    ratio = (across, down) if across and down and max(across, down) <= 4 else (1, 1)
    return Sprite(
        name,
        width,
        height,
        depth,
        count,
        transparent,
        ratio,
        layered=bool(flags & 1),
        grouped=bool(flags & 2),
        marked=bool(flags & 4),
    )


def _frame(sprite: Sprite, number: int, data: memoryview) -> None:
    reader = _Reader(data)
    _, _, few, _, _, many = reader.take("IHHHHI")
    old: Palette | None = None
    for _ in range(many or few):
        size = reader.one("I")
        kind = reader.one("H")
        if size < 6 or reader.at - 6 + size > len(data):
            raise sprite.damaged(f"a part of frame {number + 1} is damaged")
        part = _Reader(data[reader.at : reader.at - 6 + size])
        reader.at += size - 6
        if kind == 0x2004:
            sprite.layers.append(_layer(sprite, part))
        elif kind == 0x2005:
            _cel(sprite, number, part)
        elif kind == 0x2007:
            sprite.profile = _profile(part)
        elif kind == 0x2018:
            sprite.tags += _tags(part)
        elif kind == 0x2019:
            sprite.palettes[number], sprite.modern = _palette(sprite, part), True
        elif kind in (0x0004, 0x0011):
            old = _old_palette(part, 255 if kind == 0x0004 else 63)
        elif kind == 0x2023:
            which, tileset = _tileset(sprite, part)
            sprite.tilesets[which] = tileset
    if old is not None and not sprite.modern:
        sprite.palettes[number] = old


def _layer(sprite: Sprite, part: _Reader) -> Layer:
    flags, kind, level, _, _, mode, opacity = part.take("HHHHHHB")
    part.take("3B")
    part.text()
    if mode not in (0, *blending.MODES):
        raise sprite.damaged(f"blend mode {mode} of a layer is not known here")
    if level > DEEPEST:
        raise sprite.damaged(f"its groups lie more than {DEEPEST} deep")
    counts = sprite.grouped if kind == GROUP else sprite.layered
    return Layer(
        kind,
        level,
        visible=bool(flags & 1),
        background=bool(flags & 8),
        reference=bool(flags & 64),
        mode=mode,
        opacity=opacity if counts else 255,
        tileset=part.one("I") if kind == TILEMAP else 0,
    )


def _cel(sprite: Sprite, frame: int, part: _Reader) -> None:
    layer, x, y, opacity, kind, z = part.take("HhhBHh")
    part.take("5B")
    if layer >= len(sprite.layers):
        raise sprite.damaged(f"frame {frame + 1} shows a layer that is not there")
    cel = Cel(x, y, opacity, kind, z)
    if kind == LINKED:
        cel = Cel(x, y, opacity, kind, z, link=part.one("H"))
    elif kind in (RAW, PACKED, TILES):
        width, height = part.take("HH")
        masks: tuple[int, ...] = ()
        if kind == TILES:
            bits, *found = part.take("H4I")
            part.take("10B")
            if bits != 32:
                raise sprite.damaged(f"tiles of {bits} bits are not known here")
            masks = tuple(found)
        elif width * height > frames.MOST_SIDE_PIXELS:
            frames.check_size(sprite.name, width, height, 1)
        cel = Cel(x, y, opacity, kind, z, width, height, part.rest(), masks=masks)
    else:
        raise sprite.damaged(f"cels of kind {kind} are not known here")
    sprite.cels[frame, layer] = cel


def _profile(part: _Reader) -> bytes:
    kind, _, _ = part.take("HHI")
    part.take("8B")
    return part.raw(part.one("I")) if kind == 2 else b""


def _tags(part: _Reader) -> Iterator[Tag]:
    count = part.one("H")
    part.take("8B")
    for _ in range(count):
        first, last, _ = part.take("HHB")
        part.take("12B")
        yield Tag(first, last, part.text())


def _palette(sprite: Sprite, part: _Reader) -> Palette:
    size, first, last = part.take("III")
    part.take("8B")
    if size > 65_536 or last >= max(size, 1) or first > last:
        raise sprite.damaged("the palette is damaged")
    palette = np.zeros((size, 4), np.uint8)
    if sprite.palettes:
        before = sprite.palettes[max(sprite.palettes)]
        palette[: len(before)] = before[:size]
    for place in range(first, last + 1):
        named = part.one("H") & 1
        palette[place] = part.take("4B")
        if named:
            part.text()
    return palette


def _old_palette(part: _Reader, top: int) -> Palette:
    palette, at = np.zeros((256, 4), np.uint8), 0
    for _ in range(part.one("H")):
        skipped, count = part.take("BB")
        at += skipped
        for _ in range(count or 256):
            colour = part.take("3B")
            if at < 256:
                palette[at] = [*(min(value, top) * 255 // top for value in colour), 255]
            at += 1
    return palette


def _tileset(sprite: Sprite, part: _Reader) -> tuple[int, Tileset]:
    which, flags, count, width, height, _ = part.take("IIIHHh")
    part.take("14B")
    part.text()
    if flags & 1:
        part.take("II")
    if not flags & 2:
        raise sprite.damaged("its tiles lie in another file")
    if width * height * count > frames.MOST_SIDE_PIXELS:
        frames.check_size(sprite.name, width, height * count, 1)
    return which, Tileset(count, width, height, bool(flags & 4), part.raw(part.one("I")))


def _check(sprite: Sprite) -> None:
    """What only the whole file tells: links that lead somewhere, and the work of all frames."""
    groups = sum(layer.kind == GROUP for layer in sprite.layers) if sprite.grouped else 0
    work = groups * sprite.frames * sprite.width * sprite.height
    for frame, layer in sprite.cels:
        shown = linked(sprite, frame, layer)
        if shown is None:
            raise sprite.damaged(f"frame {frame + 1} is linked to one that is not there")
        across, down = shown.width, shown.height
        if shown.kind == TILES:
            tileset = sprite.tilesets.get(sprite.layers[layer].tileset)
            if tileset is None:
                raise sprite.damaged("a tilemap's tiles are not in it")
            across, down = across * tileset.width, down * tileset.height
            work += tileset.width * tileset.height * tileset.count
            if across * down > frames.MOST_SIDE_PIXELS:
                frames.check_size(sprite.name, across, down, 1)
        work += across * down
    if work > 4 * frames.MOST_PIXELS:
        raise StudioError(
            f"{sprite.name}: its layers have {work:,} pixels together.", "Export it in parts."
        )
