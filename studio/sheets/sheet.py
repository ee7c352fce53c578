"""An animation: frames of one canvas in their order, how long each is shown, and what is said of
them. Every length and place is in pixels of the canvas, from its upper left corner."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.pixels.hex_colours import rgb_of

DIRECTIONS = ("forward", "reverse", "pingpong", "pingpong_reverse")
MOST_FRAMES = 2_000
MOST_SIDE = 4_096  # pixels of a canvas
MOST_PIXELS = 256_000_000  # of all frames together
LEAST_MS, MOST_MS = 1, 60_000
USUAL_MS = 100
MOST_REPEAT = 65_535
MOST_NAMED = 500  # tags, and slices
NAME = 120  # characters
PIVOT = "pivot"  # the slice by which formats without pivots tell that of the canvas
FLAT = (128, 128, 255, 0)  # of a normal map where nothing is drawn
MOST_COLOURS = 256


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame: the whole canvas as RGBA, and how long it is shown."""

    image: Image.Image
    duration_ms: int = USUAL_MS
    name: str = ""


@dataclass(frozen=True)
class Tag:
    """Frames `first` to `last`, counted from 0, that belong together. It is played `repeat` times,
    0: without end."""

    name: str
    first: int
    last: int
    direction: str = "forward"
    repeat: int = 0


@dataclass(frozen=True)
class Slice:
    """A part of the canvas: its `box` is left, top, width, height. `borders` (left, top, right,
    bottom) are those of a nine-slice, and `pivot` is a place, both counted from the box's own upper
    left corner. It holds from `frame` on, until another slice of the same name begins."""

    name: str
    box: tuple[int, int, int, int]
    borders: tuple[int, int, int, int] | None = None
    pivot: tuple[int, int] | None = None
    frame: int = 0


@dataclass(frozen=True, eq=False)
class Animation:
    """Frames of `width` x `height`. `pivot` is what a game places. `palette` are "#rrggbb", empty
    where nobody says one. `normals` are normal maps, one a frame, or none at all."""

    name: str
    width: int
    height: int
    frames: tuple[Frame, ...]
    tags: tuple[Tag, ...] = ()
    slices: tuple[Slice, ...] = ()
    pivot: tuple[float, float] = (0.0, 0.0)
    palette: tuple[str, ...] = ()
    normals: tuple[Image.Image, ...] = field(default=())


def of_pictures(
    name: str,
    pictures: Sequence[Image.Image],
    *,
    duration_ms: int = USUAL_MS,
    pivot: tuple[float, float] | None = None,
) -> Animation:
    """Pictures as an animation, checked. The pivot is the middle of the lower edge unless said
    otherwise. StudioError as `check`."""
    width, height = pictures[0].size if pictures else (0, 0)
    frames = tuple(Frame(one, duration_ms) for one in pictures)
    return check(Animation(name, width, height, frames, pivot=pivot or (width / 2, float(height))))


def check(animation: Animation) -> Animation:
    """The animation as every format keeps it: the colours of what is wholly transparent are gone.
    StudioError that names what can't be, and what to do."""
    if not animation.frames:
        raise StudioError(
            f"The animation {numbers.shown(animation.name)} has no frame.", "Give a picture."
        )
    if len(animation.frames) > MOST_FRAMES:
        raise StudioError(
            f"There are {len(animation.frames):,} frames.", f"Use at most {MOST_FRAMES:,}."
        )
    _check_canvas(animation)
    for number, frame in enumerate(animation.frames, 1):
        duration(frame.duration_ms, f"Frame {number} lasts")
        _named(frame.name, "frame", empty=True)
    for tag in animation.tags:
        _check_tag(tag, len(animation.frames))
    begun = set[tuple[str, int]]()
    for one in animation.slices:
        _check_slice(one, len(animation.frames))
        if (one.name, one.frame) in begun:
            raise StudioError(
                f"Two slices called {numbers.shown(one.name)} begin at frame {one.frame}.",
                "Give one of them another name, or let it begin at another frame.",
            )
        begun.add((one.name, one.frame))
    if max(len(animation.tags), len(animation.slices)) > MOST_NAMED:
        raise StudioError("There are too many tags or slices.", f"Use at most {MOST_NAMED}.")
    for place in animation.pivot:
        numbers.number("pivot", place, -MOST_SIDE, 2 * MOST_SIDE)
    if len(animation.palette) > MOST_COLOURS:
        raise StudioError(
            f"The palette has {len(animation.palette):,} colours.", f"Use at most {MOST_COLOURS}."
        )
    if animation.palette:
        rgb_of(animation.palette)
    return replace(
        animation,
        frames=tuple(replace(one, image=_cleaned(one.image)) for one in animation.frames),
        normals=tuple(_cleaned(one, FLAT) for one in animation.normals),
    )


def duration(given: Any, says: str = "A frame lasts") -> int:
    """How long a frame is shown, in ms. StudioError naming another value."""
    try:
        return numbers.whole("duration", given, LEAST_MS, MOST_MS)
    except StudioError as error:
        raise StudioError(
            f"{says} {numbers.shown(given)} ms.",
            f"Give {LEAST_MS} to {MOST_MS:,} ms; 83 ms are 12 frames a second.",
        ) from error


def padded(
    pictures: Sequence[Image.Image], anchor: tuple[float, float] = (0.5, 1.0)
) -> list[Image.Image]:
    """Pictures of one size, the largest width and height of any: each lies so that its anchor, in
    shares of its own sides, is where all others' is (usually the middle of the feet)."""
    width = max(one.width for one in pictures)
    height = max(one.height for one in pictures)
    out = []
    for one in pictures:
        canvas = Image.new("RGBA", (width, height))
        left = round(anchor[0] * width - anchor[0] * one.width)
        top = round(anchor[1] * height - anchor[1] * one.height)
        canvas.paste(one.convert("RGBA"), (left, top))
        out.append(canvas)
    return out


def order(tag: Tag) -> list[int]:
    """The frames of one pass of a tag, as they are shown. There and back, neither end is shown
    twice: the next pass begins with the first."""
    there = list(range(tag.first, tag.last + 1))
    if tag.direction in ("reverse", "pingpong_reverse"):
        there.reverse()
    return there + there[-2:0:-1] if tag.direction.startswith("pingpong") else there


def frame_names(animation: Animation) -> list[str]:
    """A name for each frame, no two alike: their own where all have one, else numbered."""
    own = [frame.name for frame in animation.frames]
    if all(own) and len({one.casefold() for one in own}) == len(own):
        return own
    digits = max(2, len(str(len(own) - 1)))
    return [f"{animation.name or 'frame'}_{number:0{digits}d}" for number in range(len(own))]


def to_json(animation: Animation) -> dict[str, Any]:
    """All of it but the pixels, as plain JSON."""
    return {
        "schema": 1,
        "name": animation.name,
        "width": animation.width,
        "height": animation.height,
        "frames": [{"duration_ms": f.duration_ms, "name": f.name} for f in animation.frames],
        "tags": [asdict(tag) for tag in animation.tags],
        "slices": [slice_to_json(one) for one in animation.slices],
        "pivot": list(animation.pivot),
        "palette": list(animation.palette),
        "normals": bool(animation.normals),
    }


def of_json(
    told: Mapping[str, Any],
    pictures: Sequence[Image.Image],
    normals: Sequence[Image.Image] = (),
) -> Animation:
    """What `to_json` told, with its pixels, checked. StudioError for what is none of it."""
    try:
        frames = tuple(
            Frame(picture, one["duration_ms"], str(one.get("name", "")))
            for picture, one in zip(pictures, told["frames"], strict=True)
        )
        found = Animation(
            str(told["name"]),
            int(told["width"]),
            int(told["height"]),
            frames,
            tuple(tag_of(one) for one in told["tags"]),
            tuple(slice_of(one) for one in told["slices"]),
            (float(told["pivot"][0]), float(told["pivot"][1])),
            tuple(told["palette"]),
            tuple(normals),
        )
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise StudioError(
            f"This is no description of an animation ({error}).", "Make the sheet anew."
        ) from error
    return check(found)


def tag_of(told: Mapping[str, Any]) -> Tag:
    """A tag of JSON: `name`, `first`, `last`, and `direction` and `repeat` where they are said.
    StudioError for what can't be read."""
    _known(told, Tag, "tag")
    try:
        return Tag(
            str(told["name"]),
            numbers.whole("first", told["first"], 0, MOST_FRAMES),
            numbers.whole("last", told["last"], 0, MOST_FRAMES),
            str(told.get("direction", "forward")),
            numbers.whole("repeat", told.get("repeat", 0), 0, MOST_REPEAT),
        )
    except KeyError as error:
        raise StudioError(f"A tag has no {error}.", "Give name, first and last.") from error


def slice_of(told: Mapping[str, Any]) -> Slice:
    """A slice of JSON: `name`, `box`, and `borders`, `pivot` and `frame` where they are said.
    StudioError for what can't be read."""
    _known(told, Slice, "slice")
    try:
        left, top, width, height = _whole(told["box"], 4, "box")
        borders, pivot = told.get("borders"), told.get("pivot")
        return Slice(
            str(told["name"]),
            (left, top, width, height),
            None if borders is None else _four(borders),
            None if pivot is None else _two(pivot),
            numbers.whole("frame", told.get("frame", 0), 0, MOST_FRAMES),
        )
    except KeyError as error:
        raise StudioError(f"A slice has no {error}.", "Give name and box.") from error


def _known(told: Any, shape: type[Any], what: str) -> None:
    if not isinstance(told, Mapping):
        raise StudioError(f"{numbers.shown(told)} is no {what}.", "Give names and values.")
    names = list(shape.__dataclass_fields__)
    if unknown := [name for name in told if name not in names]:
        raise StudioError(
            f"A {what} has no {numbers.shown(unknown[0])}.", f"Known: {', '.join(names)}."
        )


def _whole(given: Any, count: int, name: str) -> list[int]:
    if not isinstance(given, list | tuple) or len(given) != count:
        raise StudioError(f"{name} is {numbers.shown(given)}.", f"Give {count} whole numbers.")
    return [numbers.whole(name, one, -(2**31), 2**31 - 1) for one in given]


def _four(given: Any) -> tuple[int, int, int, int]:
    left, top, right, bottom = _whole(given, 4, "borders")
    return left, top, right, bottom


def _two(given: Any) -> tuple[int, int]:
    x, y = _whole(given, 2, "pivot")
    return x, y


def slice_to_json(one: Slice) -> dict[str, Any]:
    """A slice as plain JSON, as `slice_of` reads it."""
    told = asdict(one)
    return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}


def _check_canvas(animation: Animation) -> None:
    width, height = animation.width, animation.height
    check_room(width, height, len(animation.frames))
    sizes = [frame.image.size for frame in animation.frames]
    for number, size in enumerate(sizes, 1):
        if size != (width, height):
            raise StudioError(
                f"Frame {number} is {size[0]} x {size[1]}, the canvas {width} x {height}.",
                "Have all padded to the largest about their pivot, or bring them in one size.",
            )
    if animation.normals and [one.size for one in animation.normals] != sizes:
        raise StudioError(
            f"There are {len(animation.normals)} normal maps for {len(sizes)} frames, "
            "or some of another size.",
            "Give one of the same size for each frame, or none.",
        )


def check_room(width: int, height: int, count: int) -> None:
    """StudioError for a canvas, or so many frames of it, that is too large: to be asked before any
    of them is made."""
    if not (1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE):
        raise StudioError(
            f"The canvas is {width:,} x {height:,}.", f"Use 1 to {MOST_SIDE:,} pixels a side."
        )
    if width * height * count > MOST_PIXELS:
        raise StudioError(
            f"{count:,} frames of {width:,} x {height:,} are too many pixels.",
            f"Use at most {MOST_PIXELS:,} together: smaller or fewer frames.",
        )


def _check_tag(tag: Tag, count: int) -> None:
    _named(tag.name, "tag")
    if not 0 <= tag.first <= tag.last < count:
        raise StudioError(
            f"The tag {numbers.shown(tag.name)} goes from frame {tag.first} to {tag.last}.",
            f"The frames are 0 to {count - 1}, the first before the last.",
        )
    if tag.direction not in DIRECTIONS:
        raise StudioError(
            f"The tag {numbers.shown(tag.name)} has the direction {numbers.shown(tag.direction)}.",
            f"Use one of {', '.join(DIRECTIONS)}.",
        )
    numbers.whole("repeat", tag.repeat, 0, MOST_REPEAT)


def _check_slice(one: Slice, count: int) -> None:
    _named(one.name, "slice")
    left, top, width, height = one.box
    shown = numbers.shown(one.name)
    if one.name == PIVOT:
        raise StudioError(
            f"No slice may be called {shown}: formats tell the pivot of the canvas by it.",
            "Give it another name.",
        )
    if width < 1 or height < 1 or max(width, height, abs(left), abs(top)) > 2 * MOST_SIDE:
        raise StudioError(
            f"The slice {shown} has the box {left}, {top}, {width}, {height}.",
            "Give left, top, width and height, at least 1 pixel wide and high.",
        )
    if not 0 <= one.frame < count:
        raise StudioError(
            f"The slice {shown} begins at frame {one.frame}.",
            f"The frames are 0 to {count - 1}.",
        )
    if one.borders is not None:
        across, down = one.borders[0] + one.borders[2], one.borders[1] + one.borders[3]
        if min(one.borders) < 0 or across >= width or down >= height:
            raise StudioError(
                f"The slice {shown} is {width} x {height} and has the borders {one.borders}.",
                "Leave at least a pixel between them.",
            )
    if one.pivot is not None and max(map(abs, one.pivot)) > 2 * MOST_SIDE:
        raise StudioError(
            f"The slice {shown} has the pivot {one.pivot[0]}, {one.pivot[1]}.",
            "Give x and y in pixels from its upper left corner.",
        )


def _named(name: str, what: str, empty: bool = False) -> None:
    if not isinstance(name, str) or len(name) > NAME or not (empty or name.strip()):
        raise StudioError(
            f"{numbers.shown(name)} is no name of a {what}.", f"Use 1 to {NAME} characters."
        )


def _cleaned(image: Image.Image, empty: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Image.Image:
    rgba = np.array(image if image.mode == "RGBA" else image.convert("RGBA"))
    rgba[rgba[..., 3] == 0] = empty
    return Image.fromarray(rgba, "RGBA")


def pixel_of(pivot: tuple[float, float]) -> tuple[int, int]:
    """The pixel that a pivot lies in, for formats that know whole ones."""
    return math.floor(pivot[0]), math.floor(pivot[1])
