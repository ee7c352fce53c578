"""The chunks of an .aseprite file, read by its specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.pixels.hex_colours import Pixels, hex_of
from studio.sheets.formats.bytes_read import Cursor, damaged
from studio.sheets.sheet import (
    DIRECTIONS,
    MOST_COLOURS,
    MOST_REPEAT,
    MOST_SIDE,
    Slice,
    Tag,
)

MAGIC, FRAME = 0xA5E0, 0xF1FA  # of the file, and of each frame
HEAD = 128  # bytes
MOST_CEL = 4 * MOST_SIDE**2  # pixels: one may reach far beyond its canvas
NORMALS = "normal map"  # the name of the layer that has them
GROUP = 1  # the kind of a layer
RAW, LINKED, DEFLATED, TILES = range(4)  # kinds of a cel
VISIBLE, EDITABLE, BACKGROUND, REFERENCE = 1, 2, 8, 64  # flags of a layer
NINE, PIVOTED = 1, 2  # flags of a slice
Colours = dict[int, tuple[int, int, int, int]]
Part = tuple[slice, slice]


@dataclass(frozen=True)
class Head:
    """What the file says first. `speed` is how long, in ms, a frame is shown that does not say so;
    `transparent` is the index that is no colour in an indexed file."""

    frames: int
    width: int
    height: int
    depth: int
    flags: int
    speed: int
    transparent: int
    odd: bool


@dataclass(frozen=True)
class Layer:
    """A layer as it stands; `level` is how deep it lies in groups."""

    name: str
    kind: int
    level: int
    visible: bool
    background: bool
    reference: bool
    opacity: int
    blend: int


@dataclass(frozen=True, eq=False)
class Cel:
    """What a layer shows in a frame: pixels [h, w, 4] at a place, or None and the frame that has
    them."""

    x: int
    y: int
    opacity: int
    z: int
    kind: int
    link: int = -1
    pixels: Pixels | None = None


def layer(cursor: Cursor, head: Head) -> Layer:
    """A layer. Its opacity counts only where the file says that it does."""
    flags, kind, level, _, _, blend = cursor.numbers("HHHHHH")
    opacity = cursor.one("B")
    cursor.take(3)
    name = cursor.text()
    told = head.flags & (2 if kind == GROUP else 1)
    return Layer(
        name,
        kind,
        level,
        bool(flags & VISIBLE),
        bool(flags & BACKGROUND),
        bool(flags & REFERENCE),
        opacity if told else 255,
        blend,
    )


def inside(layers: Sequence[Layer], group: int) -> range:
    """The numbers of the layers that lie in a group."""
    end = group + 1
    while end < len(layers) and layers[end].level > layers[group].level:
        end += 1
    return range(group + 1, end)


def seen(layers: Sequence[Layer]) -> list[bool]:
    """Whether each is visible, and so are all groups that it is in."""
    out, above = list[bool](), list[bool]()
    for one in layers:
        above = above[: one.level]
        above.append(one.visible and all(above))
        out.append(above[-1])
    return out


def cel(
    cursor: Cursor, head: Head, colours: Colours, layers: Sequence[Layer], frame: int
) -> tuple[int, Cel]:
    """The number of its layer, and what it shows there. Tiles, kinds that are not known, and what
    has no width or height come without pixels."""
    at = cursor.one("H")
    x, y = cursor.numbers("hh")
    opacity = cursor.one("B")
    kind, z = cursor.one("H"), cursor.one("h")
    cursor.take(5)
    if at >= len(layers):
        raise damaged(cursor.name)
    if kind == LINKED:
        return at, Cel(x, y, opacity, z, kind, cursor.one("H"))
    if kind not in (RAW, DEFLATED):
        return at, Cel(x, y, opacity, z, kind)
    width, height = cursor.numbers("HH")
    if width * height > MOST_CEL:
        raise damaged(cursor.name)
    if not width * height:
        return at, Cel(x, y, opacity, z, kind)
    count = width * height * head.depth // 8
    data = cursor.take(count) if kind == RAW else cursor.unpacked(count)
    values = np.frombuffer(data, np.uint8).reshape(height, width, head.depth // 8)
    pixels = _rgba(values, head, colours, layers[at].background)
    return at, Cel(x, y, opacity, z, kind, frame, pixels)


def _rgba(values: Pixels, head: Head, colours: Colours, background: bool) -> Pixels:
    if head.depth == 32:
        return values
    if head.depth == 16:
        return values[..., [0, 0, 0, 1]]
    table = np.zeros((256, 4), np.uint8)
    for number, colour in colours.items():
        if number < 256:
            table[number] = colour
    if not background:
        table[head.transparent] = 0
    return table[values[..., 0]]


def overlap(canvas: Pixels, one: Cel) -> tuple[Part | None, Part | None]:
    """Which part of the canvas a cel covers, and with which of its own; None outside of it."""
    assert one.pixels is not None
    height, width = one.pixels.shape[:2]
    left, top = max(0, one.x), max(0, one.y)
    right, low = min(canvas.shape[1], one.x + width), min(canvas.shape[0], one.y + height)
    if left >= right or top >= low:
        return None, None
    within = (slice(top - one.y, low - one.y), slice(left - one.x, right - one.x))
    return (slice(top, low), slice(left, right)), within


def tags(cursor: Cursor) -> list[Tag]:
    """The tags; a direction that is not known is "forward"."""
    count = cursor.one("H")
    cursor.take(8)
    out = []
    for _ in range(count):
        first, last = cursor.numbers("HH")
        direction, repeat = cursor.one("B"), cursor.one("H")
        cursor.take(10)
        way = DIRECTIONS[direction] if direction < len(DIRECTIONS) else DIRECTIONS[0]
        out.append(Tag(cursor.text()[:120], first, last, way, passes(way, repeat)))
    return out


def passes(direction: str, times: int) -> int:
    """How often Aseprite plays a tag, as `Tag` has it: there and back are two times to Aseprite."""
    return (times + 1) // 2 if direction.startswith("pingpong") else times


def times(tag: Tag) -> int:
    """The same the other way round."""
    both = tag.repeat * 2 if tag.direction.startswith("pingpong") else tag.repeat
    return min(both, MOST_REPEAT)


def palette(cursor: Cursor, into: Colours) -> None:
    """A palette, or the part of it that changed, and how many colours it has from now on."""
    size, first, last = cursor.numbers("III")
    cursor.take(8)
    for number in range(first, last + 1):
        named = cursor.one("H") & 1
        red, green, blue, alpha = cursor.numbers("BBBB")
        if named:
            cursor.text()
        into[number] = red, green, blue, alpha
    for number in [one for one in into if one >= size]:
        del into[number]


def old_palette(cursor: Cursor, into: Colours, bits: int) -> None:
    """A palette as older files have it, of channels of 8 or of 6 bits."""
    at = 0
    for _ in range(cursor.one("H")):
        skip, count = cursor.numbers("BB")
        at += skip
        for _ in range(count or 256):
            red, green, blue = cursor.numbers("BBB")
            if bits == 6:  # as Aseprite widens them
                red, green, blue = ((one & 63) << 2 | (one & 63) >> 4 for one in (red, green, blue))
            into[at] = red, green, blue, 255
            at += 1


def colours(found: Colours, head: Head) -> tuple[str, ...]:
    """The palette as "#rrggbb", without what means transparent; none of more than 256."""
    kept = [
        colour[:3]
        for number, colour in sorted(found.items())
        if colour[3] and not (head.depth == 8 and number == head.transparent)
    ]
    if not kept or len(kept) > MOST_COLOURS:
        return ()
    return hex_of(np.array(kept, np.uint8))


def slices(cursor: Cursor) -> list[Slice]:
    """A slice, once for each frame from which on it is another; without a name none. It is hidden
    from a frame on where it has no width or height."""
    count, flags, _ = cursor.numbers("III")
    name = cursor.text()[:120]
    out = []
    for _ in range(count):
        frame, left, top = cursor.one("I"), *cursor.numbers("ii")
        width, height = cursor.numbers("II")
        borders = pivot = None
        if flags & NINE:
            x, y = cursor.numbers("ii")
            wide, high = cursor.numbers("II")
            borders = x, y, width - x - wide, height - y - high
            if min(borders) < 0 or wide < 1 or high < 1:
                borders = None
        if flags & PIVOTED:
            across, down = cursor.numbers("ii")
            pivot = across, down
        if name.strip():
            out.append(Slice(name, (left, top, width, height), borders, pivot, frame))
    return out


def user_text(cursor: Cursor) -> str:
    """The text that a person or a program put to the chunk before."""
    return cursor.text() if cursor.one("I") & 1 else ""


def has_profile(cursor: Cursor) -> bool:
    """Whether a colour profile says more than sRGB."""
    return cursor.one("H") == 2
