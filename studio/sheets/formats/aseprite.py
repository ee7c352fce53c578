"""Aseprite's own files, .aseprite and .ase, by its published specification (docs/ase-file-specs.md
of its repository): read with layers flattened, and written with every frame whole.

What an animation has and the format has not stands where editors leave it alone: a frame's name is
the text of its cel, the pivot is a slice called "pivot" whose text holds it exactly, and normal
maps are a hidden layer of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels
from studio.sheets.formats import aseprite_chunks as chunks
from studio.sheets.formats import blending
from studio.sheets.formats.aseprite_chunks import Cel, Colours, Head, Layer
from studio.sheets.formats.bytes_read import Cursor, damaged
from studio.sheets.sheet import (
    DIRECTIONS,
    LEAST_MS,
    MOST_FRAMES,
    MOST_MS,
    MOST_PIXELS,
    MOST_SIDE,
    NAME,
    PIVOT,
    USUAL_MS,
    Animation,
    Frame,
    Slice,
    Tag,
    check,
)

SUFFIXES = (".aseprite", ".ase")
NORMALS = "normal map"
MAGIC, FRAME = 0xA5E0, 0xF1FA
DEPTHS = {8: "indexed", 16: "grey", 32: "RGBA"}
# Chunks that hold nothing of an animation, or what a newer one of the same file says better.
PASSED = (0x2006, 0x2008, 0x2016, 0x2017, 0x2023)


@dataclass(frozen=True, eq=False)
class Read:
    """An animation from a file, and what of the file it has not, in sentences."""

    animation: Animation
    remarks: tuple[str, ...] = ()


@dataclass
class _Found:
    """What was read so far; `last` is what a text that follows belongs to."""

    head: Head
    palette: Colours = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    cels: dict[tuple[int, int], Cel] = field(default_factory=dict)
    tags: list[Tag] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    exact: str = ""
    last: tuple[str, int] = ("", 0)
    newer: bool = False
    pixels: int = 0  # of all cels
    remarks: dict[str, None] = field(default_factory=dict)

    def remark(self, sentence: str) -> None:
        """Told once, however often it is so."""
        self.remarks[sentence] = None


def read(data: bytes, name: str) -> Read:
    """The file's animation, called as the file without its ending. StudioError naming what can't
    be read: no such file, a colour depth that is not known, damage."""
    cursor = Cursor(data, name)
    found = _Found(_head(cursor, name))
    for number in range(found.head.frames):
        _frame(cursor, found, number, name)
    if cursor.left:
        found.remark(f"{cursor.left:,} bytes behind the last frame were passed over.")
    stem = name.rsplit("/", 1)[-1]
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    return _read(found, stem[:NAME] or "animation")


def _head(cursor: Cursor, name: str) -> Head:
    if cursor.left < chunks.HEAD:
        raise damaged(name)
    _, magic, frames, width, height, depth = cursor.numbers("IHHHHH")
    if magic != MAGIC:
        raise StudioError(f"{name}: this is no .aseprite file.", "Save it in Aseprite again.")
    if depth not in DEPTHS:
        raise StudioError(
            f"{name}: its colours have {depth} bits a pixel, which a newer Aseprite may write.",
            "Change it to RGB colour (Sprite > Color Mode) and save it again.",
        )
    flags = cursor.one("I")
    cursor.take(10)  # speed, and two zeros
    transparent = cursor.one("B")
    cursor.take(5)  # and the number of colours
    across, down = cursor.numbers("BB")
    cursor.take(chunks.HEAD - cursor.at)
    if not (1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE):
        raise StudioError(
            f"{name}: its canvas is {width:,} x {height:,}.",
            f"At most {MOST_SIDE:,} pixels a side are read.",
        )
    if not 1 <= frames <= MOST_FRAMES or frames * width * height > MOST_PIXELS:
        raise StudioError(
            f"{name}: {frames:,} frames of {width:,} x {height:,} are not read.",
            f"Use 1 to {MOST_FRAMES:,} frames of at most {MOST_PIXELS:,} pixels together.",
        )
    odd = across != down and across > 0 and down > 0
    return Head(frames, width, height, depth, flags, transparent, odd)


def _frame(cursor: Cursor, found: _Found, number: int, name: str) -> None:
    size, magic, old, duration = cursor.numbers("IHHH")
    cursor.take(2)
    count = cursor.one("I") or old
    if magic != FRAME or size < 16:
        raise damaged(name)
    found.durations.append(duration)
    inner = Cursor(cursor.take(size - 16), name)
    for _ in range(count):
        length, kind = inner.numbers("IH")
        if length < 6:
            raise damaged(name)
        _chunk(kind, Cursor(inner.take(length - 6), name), found, number)


def _chunk(kind: int, cursor: Cursor, found: _Found, frame: int) -> None:
    head = found.head
    if kind == 0x2004:
        found.layers.append(chunks.layer(cursor, head))
        found.last = ("layer", len(found.layers) - 1)
    elif kind == 0x2005:
        at, cel = chunks.cel(cursor, head, found.palette, _backgrounds(found), frame)
        found.cels[frame, at] = cel
        _count(cel, found, cursor.name)
        found.last = ("cel", frame)
        if cel.kind >= chunks.TILES:
            raise StudioError(
                f"{cursor.name}: frame {frame + 1} has a cel of tiles, or of a newer kind "
                f"({cel.kind}).",
                "In Aseprite choose Layer > Convert To > Layer, and save it again.",
            )
    elif kind == 0x2018:
        found.tags += chunks.tags(cursor)
        found.last = ("tags", 0)
    elif kind == 0x2019:
        chunks.palette(cursor, found.palette)
        found.newer = True
    elif kind in (0x0004, 0x0011):
        if not found.newer:
            chunks.old_palette(cursor, found.palette, 255 if kind == 4 else 63)
    elif kind == 0x2020:
        _text(chunks.user_text(cursor), found)
    elif kind == 0x2022:
        found.slices += chunks.slices(cursor)
        found.last = ("slice", 0)
    elif kind == 0x2007:
        if chunks.has_profile(cursor):
            found.remark("Its colour profile is not applied; its numbers are taken as sRGB.")
    elif kind not in PASSED:
        found.remark(f"Parts of a kind that is not known (0x{kind:04x}) were passed over.")


def _count(cel: Cel, found: _Found, name: str) -> None:
    """StudioError where all cels together are larger than what fits into memory: a few bytes of a
    file can stand for gigabytes."""
    if cel.pixels is not None:
        found.pixels += cel.pixels.shape[0] * cel.pixels.shape[1]
    if found.pixels > 2 * MOST_PIXELS:  # as many normal maps as frames
        raise StudioError(
            f"{name}: its layers hold more than {2 * MOST_PIXELS:,} pixels.",
            "In Aseprite choose Layer > Flatten, and save it again.",
        )


def _backgrounds(found: _Found) -> list[bool]:
    return [one.background for one in found.layers]


def _text(text: str, found: _Found) -> None:
    what, frame = found.last
    if what == "cel" and text:
        found.names[frame] = text[:NAME]
    elif what == "slice" and found.slices and found.slices[-1].name == PIVOT:
        found.exact = text
    if what != "tags":  # as many texts as tags may follow those
        found.last = ("", 0)


def _read(found: _Found, name: str) -> Read:
    head = found.head
    if head.odd:
        found.remark("Its pixels are not square; they are taken as square ones.")
    shown, normals = _sorted_layers(found)
    size = head.width, head.height
    images = [_flat(found, frame, shown) for frame in range(head.frames)]
    maps = [_flat(found, frame, normals) for frame in range(head.frames)] if normals else []
    durations = [_duration(one, found) for one in found.durations]
    frames = tuple(
        Frame(Image.fromarray(rgba, "RGBA"), duration, found.names.get(number, ""))
        for number, (rgba, duration) in enumerate(zip(images, durations, strict=True))
    )
    slices = tuple(one for one in found.slices if one.name != PIVOT)
    animation = Animation(
        name,
        *size,
        frames,
        _kept_tags(found),
        tuple(one for one in slices if one.frame < head.frames),
        _pivot(found),
        chunks.colours(found.palette, head),
        tuple(Image.fromarray(rgba, "RGBA") for rgba in maps),
    )
    return Read(check(animation), tuple(found.remarks))


def _sorted_layers(found: _Found) -> tuple[list[int], list[int]]:
    """The numbers of the layers that are shown, and of those that are normal maps."""
    shown, normals = list[int](), list[int]()
    for number, layer in enumerate(chunks.in_groups(found.layers)):
        if layer.kind == chunks.GROUP or layer.reference:
            continue
        if layer.name == NORMALS and not layer.visible:
            normals.append(number)
        elif not layer.visible:
            found.remark(f'The layer "{layer.name[:60]}" is hidden and was left out.')
        else:
            shown.append(number)
            if layer.blend not in blending.MODES:
                found.remark(
                    f'The layer "{layer.name[:60]}" is blended in a way that is not known here '
                    f"({layer.blend}), and taken as normal."
                )
    return shown, normals


def _flat(found: _Found, frame: int, numbers: Sequence[int]) -> Pixels:
    """The layers of one frame over each other."""
    head = found.head
    canvas = np.zeros((head.height, head.width, 4), np.uint8)
    layers = chunks.in_groups(found.layers)
    there = [(at, cel) for at in numbers if (cel := _cel(found, frame, at)) is not None]
    for at, cel in sorted(there, key=lambda one: (one[0] + one[1].z, one[1].z)):
        assert cel.pixels is not None
        part, within = chunks.overlap(canvas, cel)
        if part is None or within is None:
            continue
        opacity = cel.opacity / 255 * layers[at].opacity / 255
        canvas[part] = blending.over(canvas[part], cel.pixels[within], opacity, layers[at].blend)
    return canvas


def _cel(found: _Found, frame: int, layer: int) -> Cel | None:
    """A layer's cel in a frame, with pixels; a linked one's stand in another frame."""
    cel, seen = found.cels.get((frame, layer)), {frame}
    own = cel
    while cel is not None and cel.pixels is None:
        if cel.link in seen:
            return None
        seen.add(cel.link)
        cel = found.cels.get((cel.link, layer))
    if cel is None or own is None:
        return None
    return replace(cel, z=own.z, opacity=own.opacity)


def _duration(given: int, found: _Found) -> int:
    if LEAST_MS <= given <= MOST_MS:
        return given
    kept = MOST_MS if given else USUAL_MS
    found.remark(f"A frame that is shown for {given:,} ms got {kept:,}.")
    return kept


def _kept_tags(found: _Found) -> tuple[Tag, ...]:
    kept = []
    for tag in found.tags:
        last = min(tag.last, found.head.frames - 1)
        if not tag.name.strip() or tag.first > last:
            found.remark(f'The tag "{tag.name[:60]}" has no name or no frames and was left out.')
        else:
            direction = tag.direction if tag.direction in DIRECTIONS else "forward"
            kept.append(replace(tag, last=last, direction=direction))
    return tuple(kept)


def _pivot(found: _Found) -> tuple[float, float]:
    """As the slice has it, exactly where its text says so of the same pixel; else the middle of the
    lower edge."""
    told = [one for one in found.slices if one.name == PIVOT and one.pivot]
    one = told[0] if told else None
    if len(told) > 1:
        found.remark("Its pivot is told several times; the first is that of all frames.")
    if one is None or one.pivot is None:
        return found.head.width / 2, float(found.head.height)
    x, y = one.box[0] + one.pivot[0], one.box[1] + one.pivot[1]
    try:
        exact = tuple(float(word) for word in found.exact.split())
    except ValueError:
        exact = ()
    if len(exact) == 2 and (np.floor(exact) == (x, y)).all():
        return exact[0], exact[1]
    return float(x), float(y)


def write(animation: Animation) -> bytes:
    """The animation as an .aseprite file, which Aseprite 1.3 opens: RGBA, equal frames linked."""
    found = check(animation)
    layers = chunks.layers_of(found)
    same = [chunks.firsts(one) for one in layers]
    frames = [
        (frame.duration_ms, chunks.frame_chunks(layers, same, number, frame.name))
        for number, frame in enumerate(found.frames)
    ]
    first = chunks.file_chunks(found, NORMALS, PIVOT)
    return chunks.file_of(found, frames, first, MAGIC, FRAME)
