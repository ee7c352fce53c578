"""Aseprite's own files, .aseprite and .ase, by its published specification (docs/ase-file-specs.md
of its repository): read with layers flattened, and written with every frame whole.

What an animation has and the format has not stands where editors leave it alone: a frame's name is
the text of its cel, the pivot is a slice called "pivot" whose text holds it exactly, and normal
maps are a hidden layer of that name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.pixels import blending
from studio.pixels.hex_colours import Pixels
from studio.sheets.formats import aseprite_chunks as chunks
from studio.sheets.formats import aseprite_written
from studio.sheets.formats.aseprite_chunks import Cel, Colours, Head, Layer
from studio.sheets.formats.bytes_read import Cursor, damaged
from studio.sheets.sheet import (
    DIRECTIONS,
    LEAST_MS,
    MOST_FRAMES,
    MOST_MS,
    MOST_NAMED,
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
DEPTHS = {8: "indexed", 16: "grey", 32: "RGBA"}
# Chunks that hold nothing of an animation, or what a newer one of the same file says better.
PASSED = (0x2006, 0x2008, 0x2016, 0x2017)
PALETTES = (0x0004, 0x0011, 0x2019)
TILESET = 0x2023
GROUPED = 2  # the flag of a file whose groups are flattened by themselves first
MOST_LAYERS, DEEPEST = 1_000, 100  # and groups in groups


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
    _check_work(found, name)
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
    if magic != chunks.MAGIC:
        raise StudioError(f"{name}: this is no .aseprite file.", "Save it in Aseprite again.")
    if depth not in DEPTHS:
        raise StudioError(
            f"{name}: its colours have {depth} bits a pixel, which a newer Aseprite may write.",
            "Change it to RGB colour (Sprite > Color Mode) and save it again.",
        )
    flags = cursor.one("I")
    speed = cursor.one("H")
    cursor.take(8)
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
    return Head(frames, width, height, depth, flags, speed, transparent, odd)


def _frame(cursor: Cursor, found: _Found, number: int, name: str) -> None:
    size, magic, old, duration = cursor.numbers("IHHH")
    cursor.take(2)
    count = cursor.one("I") or old
    if magic != chunks.FRAME or size < 16:
        raise damaged(name)
    found.durations.append(duration)
    inner = Cursor(cursor.take(size - 16), name)
    parts = list[tuple[int, Cursor]]()
    for _ in range(count):
        length, kind = inner.numbers("IH")
        if length < 6:
            raise damaged(name)
        parts.append((kind, Cursor(inner.take(length - 6), name)))
    # A palette is that of its whole frame, wherever in it it stands.
    for kind, part in sorted(parts, key=lambda one: one[0] not in PALETTES):
        _chunk(kind, part, found, number)


def _chunk(kind: int, cursor: Cursor, found: _Found, frame: int) -> None:
    head = found.head
    if kind == 0x2004:
        found.layers.append(chunks.layer(cursor, head))
        if len(found.layers) > MOST_LAYERS or found.layers[-1].level > DEEPEST:
            raise StudioError(
                f"{cursor.name}: it has more than {MOST_LAYERS:,} layers, or groups more than "
                f"{DEEPEST} deep.",
                "In Aseprite choose Layer > Flatten, and save it again.",
            )
        found.last = ("layer", len(found.layers) - 1)
    elif kind == 0x2005:
        at, cel = chunks.cel(cursor, head, found.palette, found.layers, frame)
        if cel.kind == chunks.LINKED:
            origin = found.cels.get((cel.link, at))
            cel = replace(cel, pixels=None if origin is None else origin.pixels)
        else:
            _count(cel, found, cursor.name)
        found.cels[frame, at] = cel
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
        if not found.newer:
            found.palette.clear()  # of the older chunks, which are a copy for older programs
        chunks.palette(cursor, found.palette)
        found.newer = True
    elif kind in (0x0004, 0x0011):
        if not found.newer:
            chunks.old_palette(cursor, found.palette, 8 if kind == 0x0004 else 6)
    elif kind == 0x2020:
        _text(chunks.user_text(cursor), found)
    elif kind == 0x2022:
        found.slices += _kept_keys(chunks.slices(cursor), found)
        if len(found.slices) > MOST_NAMED:
            raise StudioError(
                f"{cursor.name}: it has more than {MOST_NAMED} slices.", "Delete some in Aseprite."
            )
        found.last = ("slice", 0)
    elif kind == 0x2007:
        if chunks.has_profile(cursor):
            found.remark("Its colour profile is not applied; its numbers are taken as sRGB.")
    elif kind == TILESET:
        found.last = ("", 0)  # the texts that follow are its tiles'
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


def _check_work(found: _Found, name: str) -> None:
    """StudioError where laying all cels over each other takes minutes: a linked one costs a file
    nothing."""
    head, work = found.head, 0
    for cel in found.cels.values():
        work += 0 if cel.pixels is None else cel.pixels.shape[0] * cel.pixels.shape[1]
    if head.flags & GROUPED:
        groups = sum(one.kind == chunks.GROUP for one in found.layers)
        work += groups * head.frames * head.width * head.height
    if work > 4 * MOST_PIXELS:
        raise StudioError(
            f"{name}: its layers show {work:,} pixels in all frames together.",
            "In Aseprite choose Layer > Flatten, and save it again.",
        )


def _kept_keys(keys: list[Slice], found: _Found) -> list[Slice]:
    """The keys of one slice, without those by which it is hidden. The second slice of a name has a
    number: of one name only one begins with a frame."""
    name, taken, number = keys[0].name if keys else PIVOT, {one.name for one in found.slices}, 1
    if name == PIVOT:
        return keys
    while name in taken:
        number += 1
        name = f"{keys[0].name[: NAME - 6]} {number}"
    if number > 1:
        found.remark(f'Two slices are called "{keys[0].name[:60]}": one became "{name[-60:]}".')
    shown = [replace(one, name=name) for one in keys if min(one.box[2:]) > 0]
    if len(shown) < len(keys):
        found.remark(f'The slice "{name[:60]}" is hidden in some frames; here it is not.')
    return shown


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
    images = [_flat(found, frame, frozenset(shown)) for frame in range(head.frames)]
    maps = list[Pixels]()
    if normals:
        maps = [_flat(found, frame, frozenset(normals)) for frame in range(head.frames)]
    durations = [_duration(one, found) for one in found.durations]
    frames = tuple(
        Frame(Image.fromarray(rgba, "RGBA"), duration, found.names.get(number, ""))
        for number, (rgba, duration) in enumerate(zip(images, durations, strict=True))
    )
    slices = tuple(one for one in found.slices if one.name != PIVOT)
    if any(one.name == PIVOT and one.pivot is None for one in found.slices):
        found.remark('The slice "pivot" has no pivot and was left out.')
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
    visible = chunks.seen(found.layers)
    for number, layer in enumerate(found.layers):
        if layer.kind == chunks.GROUP or layer.reference:
            continue
        if layer.name == chunks.NORMALS and not visible[number]:
            normals.append(number)
        elif not visible[number]:
            found.remark(f'The layer "{layer.name[:60]}" is hidden and was left out.')
        else:
            shown.append(number)
            if layer.blend not in (0, *blending.MODES):
                found.remark(
                    f'The layer "{layer.name[:60]}" is blended in a way that is not known here '
                    f"({layer.blend}), and taken as normal."
                )
    return shown, normals


def _flat(
    found: _Found, frame: int, numbers: Collection[int], within: range | None = None
) -> Pixels:
    """The layers of one frame over each other; of all, or of those within a group."""
    head, layers = found.head, found.layers
    canvas = np.zeros((head.height, head.width, 4), np.uint8)
    there = range(len(layers)) if within is None else within
    for _, _, at in sorted(_planned(found, frame, numbers, there)):
        one = layers[at]
        mode = one.blend if one.blend in blending.MODES else 0
        if one.kind == chunks.GROUP:
            inner = _flat(found, frame, numbers, chunks.inside(layers, at))
            blending.blend(canvas, inner, mode, one.opacity)
            continue
        cel = found.cels[frame, at]
        part, own = chunks.overlap(canvas, cel)
        if part is not None and own is not None and cel.pixels is not None:
            opacity = blending.multiplied(cel.opacity, one.opacity)
            blending.blend(canvas[part], cel.pixels[own], mode, opacity)
    return canvas


def _planned(
    found: _Found, frame: int, numbers: Collection[int], within: range
) -> list[tuple[int, int, int]]:
    """What is laid, from below: order, z-index and number of a layer, or of a group that the file
    wants flattened by itself."""
    out, at = list[tuple[int, int, int]](), within.start
    while at < within.stop:
        if found.head.flags & GROUPED and found.layers[at].kind == chunks.GROUP:
            inner = chunks.inside(found.layers, at)
            if any(one in numbers for one in inner):
                out.append((at, 0, at))
            at = inner.stop
            continue
        cel = found.cels.get((frame, at))
        if at in numbers and cel is not None and cel.pixels is not None:
            out.append((at + cel.z, cel.z, at))
        at += 1
    return out


def _duration(given: int, found: _Found) -> int:
    given = given or found.head.speed  # as Aseprite takes it
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
    """The animation as an .aseprite file, which Aseprite 1.3 opens."""
    return aseprite_written.written(check(animation))
