"""Motion without a model: one picture breathes, hovers, blinks, is squashed, flashes, turns or
dissolves. Every pixel of a frame is one of the picture's, moved or repeated: its palette stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels
from studio.sheets import moved
from studio.sheets.moved import Settings
from studio.sheets.sheet import (
    LEAST_MS,
    MOST_MS,
    Animation,
    Frame,
    Slice,
    Tag,
    check,
    check_room,
)

MOST_FRAMES = 64


@dataclass(frozen=True)
class Parameter:
    """One setting of a motion, from `low` to `high`; a whole number where `first`, which it is
    unless said otherwise, is one."""

    name: str
    low: float
    high: float
    first: float
    says: str


@dataclass(frozen=True)
class Motion:
    """A motion: what it is called, its settings besides `frames` and `duration_ms`, and what makes
    the frames [h, w, 4] of a picture. `room` says how many pixels the canvas needs around it: left,
    top, right, bottom. With fewer frames than `least` nothing would move. One that `loops` ends
    where it begins."""

    name: str
    label: str
    parameters: tuple[Parameter, ...]
    draw: Callable[[Pixels, Settings], list[Pixels]]
    room: Callable[[Pixels, Settings], tuple[int, int, int, int]] = moved.no_room
    frames: int = 8
    duration_ms: int = 100
    loops: bool = True
    least: int = 2


def _all() -> tuple[Motion, ...]:
    depth = Parameter("depth", 1, 16, 1, "Pixels that the chest rises")
    return (
        Motion(
            "breathing",
            "Breathing",
            (depth, Parameter("waist", 0.1, 0.95, 0.6, "What stays still, from the top, 0 to 1")),
            moved.breathing,
            moved.room_to_breathe,
            duration_ms=150,
        ),
        Motion(
            "hover",
            "Hover",
            (Parameter("height", 1, 64, 3, "Pixels that it rises"),),
            moved.hover,
            moved.room_to_rise,
        ),
        Motion(
            "blink",
            "Blink",
            (
                Parameter("left", 0, 4096, 0, "Left edge of the eyes"),
                Parameter("top", 0, 4096, 0, "Upper edge of the eyes"),
                Parameter("width", 0, 4096, 0, "Width of the eyes; 0: guessed for a figure"),
                Parameter("height", 0, 4096, 0, "Height of the eyes; 0: guessed for a figure"),
            ),
            moved.blink,
            duration_ms=80,
        ),
        Motion(
            "squash",
            "Squash and stretch",
            (Parameter("amount", 0.05, 0.5, 0.2, "How much of its height it loses"),),
            moved.squash,
            moved.room_to_squash,
            duration_ms=60,
            least=3,
        ),
        Motion(
            "flash",
            "Hit flash",
            (Parameter("times", 1, 8, 2, "How often it flashes in its lightest colour"),),
            moved.flash,
            frames=8,
            duration_ms=50,
        ),
        Motion(
            "spin",
            "Spin",
            (Parameter("mirrored", 0, 1, 1, "1: its back is its mirrored front, 0: its front"),),
            moved.spin,
            duration_ms=80,
            least=3,
        ),
        Motion(
            "dissolve",
            "Dissolve",
            (
                Parameter("grain", 1, 16, 1, "Pixels a side of what goes at once"),
                Parameter("seed", 0, 2**32 - 1, 0, "Another order for each"),
            ),
            moved.dissolve,
            duration_ms=60,
            loops=False,
        ),
    )


MOTIONS = {one.name: one for one in _all()}


def parameters_of(motion: str) -> tuple[Parameter, ...]:
    """All settings of a motion. StudioError for one that is none."""
    found = _named(motion)
    return (
        Parameter("frames", found.least, MOST_FRAMES, found.frames, "How many frames"),
        Parameter("duration_ms", LEAST_MS, MOST_MS, found.duration_ms, "How long each is shown"),
        *found.parameters,
    )


def checked(motion: str, given: Mapping[str, Any]) -> dict[str, float]:
    """All settings of a motion, complete. StudioError naming what can't be."""
    known = {one.name: one for one in parameters_of(motion)}
    if unknown := [name for name in given if name not in known]:
        raise StudioError(
            f"The motion {motion} has no setting {numbers.shown(unknown[0])}.",
            f"Known: {', '.join(known)}.",
        )
    out: dict[str, float] = {}
    for name, one in known.items():
        value = given.get(name, one.first)
        if isinstance(one.first, int):
            out[name] = numbers.whole(name, value, int(one.low), int(one.high))
        else:
            out[name] = numbers.number(name, value, one.low, one.high)
    if motion == "flash" and 2 * out["times"] > out["frames"]:
        raise StudioError(
            f"{out['times']} flashes don't fit into {out['frames']} frames.",
            "Give two frames for each: one that is light, and one that is as drawn.",
        )
    return out


def make(
    picture: Image.Image,
    motion: str,
    settings: Mapping[str, Any],
    *,
    pivot: tuple[float, float] | None = None,
    slices: Sequence[Slice] = (),
) -> Animation:
    """The picture in motion, with a tag that is called as the motion. The canvas grows where the
    motion needs room; `pivot` and `slices`, which are told in pixels of the picture, stay on these.
    The pivot is the middle of the figure's feet unless said otherwise. StudioError for an unknown
    motion, settings that can't be, too many pixels, and a picture with nothing on it."""
    found, values = _named(motion), checked(motion, settings)
    rgba = np.array(picture.convert("RGBA"))
    rgba[rgba[..., 3] == 0] = 0
    if not rgba[..., 3].any():
        raise StudioError("The picture is transparent everywhere.", "Choose one that shows it.")
    left, top, right, bottom = found.room(rgba, values)
    width, height = rgba.shape[1] + left + right, rgba.shape[0] + top + bottom
    check_room(width, height, int(values["frames"]))
    rgba = np.pad(rgba, ((top, bottom), (left, right), (0, 0)))
    drawn = found.draw(rgba, values)
    frames = tuple(
        Frame(Image.fromarray(np.ascontiguousarray(one), "RGBA"), int(values["duration_ms"]))
        for one in drawn
    )
    tag = Tag(motion, 0, len(frames) - 1, "forward", 0 if found.loops else 1)
    place = moved.feet(rgba) if pivot is None else (pivot[0] + left, pivot[1] + top)
    there = tuple(replace(one, box=_shifted(one.box, left, top)) for one in slices)
    return check(Animation(motion, width, height, frames, (tag,), there, place))


def _shifted(box: tuple[int, int, int, int], left: int, top: int) -> tuple[int, int, int, int]:
    return box[0] + left, box[1] + top, box[2], box[3]


def _named(motion: str) -> Motion:
    if motion not in MOTIONS:
        raise StudioError(
            f"There is no motion {numbers.shown(motion)}.", f"Known: {', '.join(MOTIONS)}."
        )
    return MOTIONS[motion]
