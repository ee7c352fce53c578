"""Back to 2D: a model as a sheet of 1, 4 or 8 directions, in the pixels and colours of a style.

A direction is named by where the prop faces, on a map with north up: south is towards the viewer,
east to the right of the screen. The frames of a sheet stand in one row from left to right in the
order of `ORDER`: south first, then on over east, north and west. All are drawn at one scale with
the model's middle in the same place, seen from `elevation` degrees above the ground, along parallel
lines.

Pixel art keeps its pixels: where the model's textures are sharp (nearest) and have room, one of
their pixels becomes one of the sheet's, or a square of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from studio import numbers
from studio.errors import StudioError, nearest
from studio.pixels import outlines
from studio.pixels.hex_colours import Pixels, hex_of, rgb_of
from studio.pixels.proposals import applied
from studio.pixels.snapping import hard_alpha, snapped
from studio.props import cameras, raster, shading, texel_density
from studio.props.cameras import Camera
from studio.props.model import Model
from studio.props.raster import Drawn
from studio.props.shading import SOFT, Y_WAYS, Light

# Where the prop faces, and the azimuth from which it is then seen, in degrees.
AZIMUTHS = {
    "south": 0.0,
    "south-east": -45.0,
    "east": -90.0,
    "north-east": -135.0,
    "north": 180.0,
    "north-west": 135.0,
    "west": 90.0,
    "south-west": 45.0,
}
ORDER: dict[int, tuple[str, ...]] = {
    1: ("south",),
    4: ("south", "east", "north", "west"),
    8: tuple(AZIMUTHS),
}
OUTLINES = ("", "add", "recolour")
SIDES = range(8, 513)  # pixels of a frame
HIGHEST = 80.0  # degrees: from straight above all directions are one
MOST_COLOURS = 256
NEARLY = 1e-6  # of a pixel: positions are floats of 32 bits
SHORT = 1e-3  # of a mean of directions: less says none
FLAT = (128, 128, 255)  # of a normal map, where nothing is
SMALL, FINER, FINE = 128, 4, 2  # up to so many pixels a side each pixel is the mean of 4 x 4
Told = Callable[[int, int], None]  # how many frames of how many are drawn


@dataclass(frozen=True)
class Directions:
    """How a sheet is drawn: `count` directions, frames of `side` pixels. `palette`: the colours
    that it may have, "#rrggbb", none for any; `hard_alpha`: no half-transparent pixels. `light`: 0
    keeps the model's own colours, 1 lights it much. `normals`: whether a normal map is drawn
    beside, its green growing upwards (`normal_y` "up": Unity, Godot) or "down" (Unreal).
    `outline`: one of OUTLINES, in `outline_colour` ("": black, or the palette's nearest)."""

    count: int = 8
    side: int = 64
    elevation: float = 30.0
    palette: tuple[str, ...] = ()
    hard_alpha: bool = True
    light: float = 0.7
    normals: bool = True
    normal_y: str = "up"
    outline: str = ""
    outline_colour: str = ""


NAMES = tuple(field.name for field in fields(Directions))


@dataclass(frozen=True)
class Frame:
    """One direction on a sheet: its place in pixels, and where the model's origin, such as its
    feet, is seen in it, from the frame's upper left corner."""

    name: str
    left: int
    top: int
    width: int
    height: int
    pivot_x: float
    pivot_y: float


@dataclass(frozen=True, eq=False)
class Sheet:
    """The frames in a row, RGBA; their normal map of the same size with the same alpha, if one is
    wanted; what lies where; and how many of its pixels a metre is."""

    picture: Image.Image
    normals: Image.Image | None
    frames: tuple[Frame, ...]
    per_metre: float


def of_json(given: Mapping[str, Any]) -> Directions:
    """Settings from plain JSON, of which any may be missing. StudioError naming the value that
    can't be."""
    if (unknown := next((name for name in given if name not in NAMES), None)) is not None:
        raise StudioError(
            f"There is no setting {numbers.shown(unknown)} of a sheet.",
            f"{nearest(unknown, NAMES)}Known: {', '.join(NAMES)}.",
        )
    told = dict(given)
    if isinstance(told.get("palette"), list):
        told["palette"] = tuple(told["palette"])
    return checked(Directions(**told))


def to_json(settings: Directions) -> dict[str, Any]:
    """The same as plain JSON."""
    return {**asdict(settings), "palette": list(settings.palette)}


def checked(settings: Directions) -> Directions:
    """The settings, numbers as numbers and colours in small letters. StudioError naming the value
    that can't be."""
    if numbers.whole("count", settings.count, 1, 8) not in ORDER:
        raise StudioError(f"{settings.count} directions are asked for.", "Use 1, 4 or 8.")
    for name, known in (("normal_y", Y_WAYS), ("outline", OUTLINES)):
        value = getattr(settings, name)
        if value not in known:
            raise StudioError(
                f"{name} is {numbers.shown(value)}.",
                f"Use one of {', '.join(one or 'none' for one in known)}.",
            )
    for name in ("hard_alpha", "normals"):
        if not isinstance(getattr(settings, name), bool):
            raise StudioError(
                f"{name} is {numbers.shown(getattr(settings, name))}.", "Give true or false."
            )
    if not isinstance(settings.palette, tuple) or len(settings.palette) > MOST_COLOURS:
        raise StudioError(
            f"palette is {numbers.shown(settings.palette)}.",
            f'Give at most {MOST_COLOURS} colours, each "#rrggbb".',
        )
    own = settings.outline_colour
    return replace(
        settings,
        count=int(settings.count),
        side=numbers.whole("side", settings.side, SIDES.start, SIDES.stop - 1),
        elevation=numbers.number("elevation", settings.elevation, 0, HIGHEST),
        palette=hex_of(rgb_of(settings.palette)) if settings.palette else (),
        light=numbers.number("light", settings.light, 0, 1),
        outline_colour=hex_of(rgb_of([own]))[0] if own else "",
    )


def sheet(model: Model, settings: Directions, told: Told = lambda done, total: None) -> Sheet:
    """The model from all directions. The same model and settings give the same pixels. StudioError
    for a model without a triangle, and as `checked` and `raster.draw`."""
    settings = checked(settings)
    side, names = settings.side, ORDER[settings.count]
    seen, per_metre = _cameras(model, settings)
    light = replace(SOFT, strength=settings.light) if settings.light else None
    row = np.zeros((side, side * len(names), 4), np.uint8)
    bumps = row.copy()
    frames = []
    for number, (name, camera) in enumerate(zip(names, seen, strict=True)):
        found = _drawn(model, camera, settings, light)
        left = number * side
        row[:, left : left + side] = pixels = _in_style(found, settings)
        bumps[:, left : left + side] = _normals(found, pixels, settings.normal_y)
        origin = cameras.seen(camera, np.zeros(3), (side, side))
        pivot = round(float(origin.x), 3), round(float(origin.y), 3)
        frames.append(Frame(name, left, 0, side, side, *pivot))
        told(number + 1, len(names))
    return Sheet(
        Image.fromarray(row, "RGBA"),
        Image.fromarray(bumps, "RGBA") if settings.normals else None,
        tuple(frames),
        per_metre,
    )


def _cameras(model: Model, settings: Directions) -> tuple[list[Camera], float]:
    """A camera for each direction, all at one scale and height, and that scale in pixels a metre.
    Each is moved by less than a pixel, so that pixels of a sprite fall on the sheet's."""
    side = settings.side
    room = side - 2 * (settings.outline == "add")
    plain = [
        cameras.around(model, AZIMUTHS[name], settings.elevation) for name in ORDER[settings.count]
    ]
    boxes = [cameras.extent(model, camera) for camera in plain]
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    # What turns around the middle has as much room on both sides of it.
    reach = max(max(-box[0], box[2]) for box in boxes)
    per_metre = room / max(2 * reach, top - bottom, cameras.LEAST)
    sharp = texel_density.of(model)
    if sharp and per_metre >= sharp * (1 - NEARLY):
        per_metre = sharp * int(per_metre / sharp + NEARLY)
    feet = boxes[0][1]
    ground = _whole(side / 2 + ((bottom + top) / 2 - feet) * per_metre)
    lifted = feet + (ground - side / 2) / per_metre
    found = []
    for camera, box in zip(plain, boxes, strict=True):
        left = side / 2 + box[0] * per_metre
        aside = (left - _whole(left)) / per_metre
        found.append(replace(camera, tall=side / per_metre, offset=(aside, lifted)))
    return found, per_metre


def _whole(place: float) -> int:
    """The nearest whole pixel; of two that are as near the lower one, as far as numbers can
    tell."""
    return math.ceil(place - 0.5 - NEARLY)


def _drawn(model: Model, camera: Camera, settings: Directions, light: Light | None) -> Drawn:
    fine = FINER if settings.side <= SMALL else FINE
    large = settings.side * fine
    return raster.averaged(raster.drawn(model, camera, (large, large), light), fine)


def _in_style(found: Drawn, settings: Directions) -> Pixels:
    """A frame as the style's pixels are: alpha, palette, outline."""
    rgba = np.asarray(raster.picture(found))
    if settings.hard_alpha:
        rgba = hard_alpha(rgba)
    if settings.palette:
        rgba = snapped(rgba, settings.palette)
    if settings.outline:
        colour = _outline_colour(settings)
        change = outlines.proposed(rgba, settings.outline, colour, 1, settings.palette)
        rgba = applied(rgba, [change] if change else [])
    return rgba


def _outline_colour(settings: Directions) -> str:
    wanted = settings.outline_colour or outlines.DARK
    if not settings.palette:
        return wanted
    square = np.array([[[*rgb_of([wanted])[0], 255]]], np.uint8)
    return hex_of(snapped(square, settings.palette)[0, :, :3])[0]


def _normals(found: Drawn, pixels: Pixels, y: str) -> Pixels:
    """The normal map of a frame, with the frame's alpha; an outline that was added faces where
    what it surrounds does."""
    length = np.sqrt((found.normals**2).sum(-1, keepdims=True))
    known = length[..., 0] > SHORT
    told = np.zeros((*found.alpha.shape, 4), np.uint8)
    told[..., :3] = FLAT
    shown = pixels[..., 3] > 0
    if known.any():
        where: NDArray[Any] = scipy.ndimage.distance_transform_edt(
            ~known, return_distances=False, return_indices=True
        )
        unit = found.normals / np.where(length > 0, length, 1.0)
        told[shown, :3] = shading.normal_bytes(unit[where[0][shown], where[1][shown]], y)
    told[..., 3] = pixels[..., 3]
    return told
