"""Frames on one sheet: in a grid or by MaxRects, with room around each, equal ones once, and where
they were before. A normal sheet shares the rectangles of the colour sheet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels
from studio.sheets import cells as all_cells
from studio.sheets import max_rects
from studio.sheets.cells import Cell, Ends
from studio.sheets.max_rects import Place, Size
from studio.sheets.sheet import FLAT, Animation

WAYS = ("grid", "maxrects")
MOST_PADDING, MOST_EXTRUDE = 64, 16
SIDES = range(16, 16_385)  # pixels that a sheet may be allowed a side
NOTHING = (0, 0, 1, 1)  # the ends of a frame on which nothing is: a pixel of it
TOO_LARGE = "Trim the frames, merge duplicates, make fewer of them, or allow a larger side."


@dataclass(frozen=True)
class Packing:
    """How frames are packed. `padding` are transparent pixels between them, `extrude` how often the
    pixels of a frame's edge are repeated outside it; `trim` cuts off what is transparent: from all
    frames alike in a grid. `merge` keeps equal frames once."""

    way: str = "maxrects"
    padding: int = 2
    extrude: int = 1
    trim: bool = True
    power_of_two: bool = False
    multiple_of_four: bool = False
    merge: bool = True
    most_side: int = 4_096


@dataclass(frozen=True)
class Rect:
    """Where a frame lies on the sheet, and where its upper left corner is in the canvas. No frame
    is ever turned."""

    x: int
    y: int
    width: int
    height: int
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """As Pillow's crop takes it."""
        return self.x, self.y, self.x + self.width, self.y + self.height


@dataclass(frozen=True, eq=False)
class Placed:
    """A sheet: RGBA, a normal sheet of its size or None, a rectangle for each frame, the size of
    the canvas, and how it was packed."""

    image: Image.Image
    rects: tuple[Rect, ...]
    canvas: Size
    packing: Packing
    normals: Image.Image | None = None


def checked(given: Mapping[str, Any] | Packing) -> Packing:
    """The settings; what is missing is as usual. StudioError naming what can't be."""
    told = asdict(given) if isinstance(given, Packing) else dict(given)
    names = [one.name for one in fields(Packing)]
    if unknown := [name for name in told if name not in names]:
        raise StudioError(
            f"There is no packing setting {numbers.shown(unknown[0])}.",
            f"Known: {', '.join(names)}.",
        )
    found = replace(Packing(), **told)
    if found.way not in WAYS:
        raise StudioError(
            f"{numbers.shown(found.way)} is no way to pack.", f"Use one of {', '.join(WAYS)}."
        )
    padding = numbers.whole("padding", found.padding, 0, MOST_PADDING)
    extrude = numbers.whole("extrude", found.extrude, 0, MOST_EXTRUDE)
    most = numbers.whole("most_side", found.most_side, SIDES.start, SIDES.stop - 1)
    for name in ("trim", "power_of_two", "multiple_of_four", "merge"):
        if not isinstance(getattr(found, name), bool):
            raise StudioError(
                f"{name} is {numbers.shown(getattr(found, name))}.", "Give true or false."
            )
    # As whole numbers, however they were written.
    return replace(found, padding=padding, extrude=extrude, most_side=most)


def pack(animation: Animation, packing: Packing, before: Placed | None = None) -> Placed:
    """All frames on one sheet.

    With `before`, a sheet of the same canvas, its settings count, its frames stay where they are,
    and what is new lies beside them: the sheet never shrinks. StudioError where they don't fit.
    """
    how = checked(before.packing if before else packing)
    canvas = animation.width, animation.height
    if before and before.canvas != canvas:
        raise StudioError(
            f"The canvas is {canvas[0]} x {canvas[1]}, that of the sheet before "
            f"{before.canvas[0]} x {before.canvas[1]}.",
            "Make a new sheet, or use frames of the size of before.",
        )
    cells = _cells(animation, how, before)
    which, unique = all_cells.unique(cells, how.merge)
    if before:
        places = _kept(unique, which, how, before)
    elif how.way == "grid":
        places = _in_grid([cell.size for cell in unique], how)
    else:
        places = _by_max_rects([cell.size for cell in unique], how)
    sheet = _sides(unique, places, how, before)
    rects = tuple(
        Rect(*places[number], *unique[number].size, cell.left, cell.top)
        for number, cell in zip(which, cells, strict=True)
    )
    image, normals = _drawn(unique, places, sheet, how)
    return Placed(image, rects, canvas, how, normals)


def frames_of(placed: Placed) -> list[Image.Image]:
    """Each frame whole, as it was before it was packed."""
    return rebuilt(placed.image, placed.rects, placed.canvas)


def normals_of(placed: Placed) -> list[Image.Image]:
    """Each frame's normal map, none where there is no normal sheet."""
    if placed.normals is None:
        return []
    return rebuilt(placed.normals, placed.rects, placed.canvas, FLAT)


def rebuilt(
    sheet: Image.Image,
    rects: Sequence[Rect],
    canvas: Size,
    empty: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> list[Image.Image]:
    """Frames cut from a sheet and put back where they were in their canvas."""
    out = []
    for rect in rects:
        frame = Image.new("RGBA", canvas, empty)
        frame.paste(sheet.crop(rect.box), (rect.left, rect.top))
        out.append(frame)
    return out


def fill(placed: Placed) -> float:
    """The share of the sheet that frames cover, 0 to 1, each place counted once."""
    once = {rect.box: rect.width * rect.height for rect in placed.rects}
    return sum(once.values()) / (placed.image.width * placed.image.height)


def to_json(placed: Placed) -> dict[str, Any]:
    """Where everything lies, as plain JSON without the pixels."""
    return {
        "rects": [list(asdict(rect).values()) for rect in placed.rects],
        "canvas": list(placed.canvas),
        "packing": asdict(placed.packing),
    }


def of_json(
    told: Mapping[str, Any], image: Image.Image, normals: Image.Image | None = None
) -> Placed:
    """What `to_json` told, with its pixels. StudioError for what is none of it."""
    try:
        rects = tuple(Rect(*(int(one) for one in row)) for row in told["rects"])
        width, height = (int(one) for one in told["canvas"])
        packing = checked(told["packing"])
    except (KeyError, TypeError, ValueError) as error:
        raise StudioError(
            f"This is no description of a sheet ({error}).", "Make the sheet anew."
        ) from error
    return Placed(image, rects, (width, height), packing, normals)


def _cells(animation: Animation, how: Packing, before: Placed | None) -> list[Cell]:
    frames = [np.asarray(frame.image) for frame in animation.frames]
    normals: list[Pixels | None] = [np.asarray(one) for one in animation.normals]
    normals = normals or [None] * len(frames)
    pairs = list(zip(frames, normals, strict=True))
    if how.trim:
        drawn = [all_cells.seen(*pair) for pair in pairs]
        boxes = [box or NOTHING for box in drawn]
        if how.way == "grid":
            boxes = [_common([box for box in drawn if box], before)] * len(frames)
    else:
        boxes = [(0, 0, animation.width, animation.height)] * len(frames)
    return [all_cells.cut(*pair, box) for pair, box in zip(pairs, boxes, strict=True)]


def _common(boxes: Sequence[Ends], before: Placed | None) -> Ends:
    """The cell of a grid: what all frames with something on them need, or that of before."""
    if before is None:
        return all_cells.together(boxes) if boxes else NOTHING
    held = before.rects[0]
    old = held.left, held.top, held.left + held.width, held.top + held.height
    box = all_cells.together([*boxes, old])
    if box != old:
        raise StudioError(
            f"A new frame is larger than the cells of the sheet before ({held.width} x "
            f"{held.height} pixels).",
            "Make a new sheet, or one by MaxRects.",
        )
    return old


def _slot(size: Size, how: Packing) -> Size:
    """What a cell takes: its extruded edge around it, and the padding right and below."""
    more = 2 * how.extrude + how.padding
    return size[0] + more, size[1] + more


def _in_grid(sizes: Sequence[Size], how: Packing) -> list[Place]:
    """Cells in rows, as nearly a square as their number allows, and as wide as the sheet will be:
    whoever divides it finds frame k in cell k. All are of one size."""
    width, height = _slot(sizes[0], how)
    room = (how.most_side + how.padding) // width
    columns = max(1, min(len(sizes), room, math.ceil(math.sqrt(len(sizes) * height / width))))
    side, _ = _rounded((columns * width - how.padding, 1), how)
    columns = max(columns, min(len(sizes), room, (side + how.padding) // width))
    return [
        (k % columns * width + how.extrude, k // columns * height + how.extrude)
        for k in range(len(sizes))
    ]


def _by_max_rects(sizes: Sequence[Size], how: Packing) -> list[Place]:
    slots = [_slot(size, how) for size in sizes]
    found = max_rects.arrange(slots, how.most_side, how.padding, lambda one: _rounded(one, how))
    if found is None:
        raise _too_large(how)
    return [(x + how.extrude, y + how.extrude) for x, y in found]


def _kept(
    unique: Sequence[Cell], which: Sequence[int], how: Packing, before: Placed
) -> list[Place]:
    """Cells that were there before, known by their pixels, else by their number where they still
    fit, stay in their place; the others are laid beside them."""
    places: dict[int, Place] = {}
    taken: dict[Place, Size] = {}
    alike: dict[bytes, list[int]] = {}  # several where equal ones are not merged
    for number, cell in enumerate(unique):
        alike.setdefault(cell.mark, []).append(number)
    for rect, cell in zip(before.rects, _cells_of(before), strict=True):
        waiting = alike.get(cell.mark)
        if waiting and (rect.x, rect.y) not in taken:
            places[waiting.pop(0)], taken[rect.x, rect.y] = (rect.x, rect.y), cell.size
    for number, rect in zip(which, before.rects, strict=False):
        size = unique[number].size
        fits = size[0] <= rect.width and size[1] <= rect.height
        if number not in places and (rect.x, rect.y) not in taken and fits:
            places[number], taken[rect.x, rect.y] = (rect.x, rect.y), (rect.width, rect.height)
    left = [number for number in range(len(unique)) if number not in places]
    sizes = [unique[number].size for number in left]
    if left and how.way == "grid":
        found = _free_cells(len(left), sizes[0], taken, how, before.image.width)
    else:
        found = _beside(sizes, taken, how, before.image.width) if left else []
    places |= dict(zip(left, found, strict=True))
    return [places[number] for number in range(len(unique))]


def _cells_of(before: Placed) -> list[Cell]:
    image = np.asarray(before.image)
    normals = None if before.normals is None else np.asarray(before.normals)
    ends = ((r.x, r.y, r.x + r.width, r.y + r.height) for r in before.rects)
    return [all_cells.cut(image, normals, one) for one in ends]


def _beside(
    sizes: Sequence[Size], taken: Mapping[Place, Size], how: Packing, width: int
) -> list[Place]:
    boxes = [
        (place[0] - how.extrude, place[1] - how.extrude, *_slot(size, how))
        for place, size in taken.items()
    ]
    slots = [_slot(size, how) for size in sizes]
    found = max_rects.beside(slots, boxes, width, how.most_side, how.padding)
    if found is None:
        raise _too_large(how)
    return [(x + how.extrude, y + how.extrude) for x, y in found]


def _free_cells(
    count: int, size: Size, taken: Mapping[Place, Size], how: Packing, sheet: int
) -> list[Place]:
    """The next free cells of a grid, row by row."""
    width, height = _slot(size, how)
    columns = max(1, (sheet + how.padding) // width)
    every = (
        (k % columns * width + how.extrude, k // columns * height + how.extrude)
        for k in range(count + len(taken))
    )
    return [place for place in every if place not in taken][:count]


def _sides(
    unique: Sequence[Cell], places: Sequence[Place], how: Packing, before: Placed | None
) -> Size:
    slots = [_slot(cell.size, how) for cell in unique]
    corners = [(x - how.extrude, y - how.extrude) for x, y in places]
    width, height = max_rects.extent(slots, corners, how.padding)
    if before:
        width, height = max(width, before.image.width), max(height, before.image.height)
    sheet = _rounded((width, height), how)
    if max(sheet) > how.most_side:
        raise _too_large(how)
    return sheet


def _rounded(size: Size, how: Packing) -> Size:
    """The sides that a sheet has which covers this."""

    def side(covered: int) -> int:
        if how.power_of_two:
            least = 4 if how.multiple_of_four else 1
            return max(least, 1 << (covered - 1).bit_length())
        return -(-covered // 4) * 4 if how.multiple_of_four else covered

    return side(size[0]), side(size[1])


def _too_large(how: Packing) -> StudioError:
    return StudioError(f"The sheet would be wider or higher than {how.most_side:,}.", TOO_LARGE)


def _drawn(
    unique: Sequence[Cell], places: Sequence[Place], sheet: Size, how: Packing
) -> tuple[Image.Image, Image.Image | None]:
    image = np.zeros((sheet[1], sheet[0], 4), np.uint8)
    normals = None
    if unique[0].normals is not None:
        normals = np.empty_like(image)
        normals[:] = FLAT
    room = how.extrude
    for cell, (x, y) in zip(unique, places, strict=True):
        part = (
            slice(y - room, y + cell.size[1] + room),
            slice(x - room, x + cell.size[0] + room),
        )
        around = ((room, room), (room, room), (0, 0))
        image[part] = np.pad(cell.pixels, around, mode="edge")
        if normals is not None and cell.normals is not None:
            normals[part] = np.pad(cell.normals, around, mode="edge")
    drawn = None if normals is None else Image.fromarray(normals, "RGBA")
    return Image.fromarray(image, "RGBA"), drawn
