"""Effects as flipbooks: frames as engines blend fire, smoke and light. Straight alpha is as drawn;
premultiplied colours are already multiplied by it; on black they are added to what is behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels
from studio.sheets.packing import Packing, Placed
from studio.sheets.sheet import Animation, check

WAYS = ("straight", "premultiplied", "black")
# How an engine that divides a sheet by columns and rows wants it: every frame in a cell of its own.
FLIPBOOK = Packing(way="grid", padding=0, extrude=0, trim=False, merge=False)


@dataclass(frozen=True)
class Book:
    """A sheet that is divided by columns and rows: frame k, from 0 on, is cell k, row by row, and
    each cell has `width` x `height` pixels. The last cells may be empty."""

    columns: int
    rows: int
    width: int
    height: int


def known(way: str) -> str:
    """The way of blending. StudioError for another one."""
    if way not in WAYS:
        raise StudioError(
            f"{numbers.shown(way)} is no way of blending.", f"Use one of {', '.join(WAYS)}."
        )
    return way


def flipbook(animation: Animation, way: str) -> Animation:
    """All frames in that way of blending. On black every pixel is opaque, and a palette that was
    said holds no longer in both others. StudioError for another way."""
    if known(way) == "straight":
        return animation
    make = premultiplied if way == "premultiplied" else on_black
    frames = [replace(one, image=_made(one.image, make)) for one in animation.frames]
    return check(replace(animation, frames=tuple(frames), palette=()))


def straight(picture: Image.Image, way: str) -> Image.Image:
    """A picture that is in that way of blending, with straight alpha. StudioError for another."""
    if known(way) == "straight":
        return picture
    return _made(picture, from_premultiplied if way == "premultiplied" else from_black)


def premultiplied(rgba: Pixels) -> Pixels:
    """Colours times alpha, rounded; alpha stays."""
    return np.dstack([_weighed(rgba), rgba[..., 3]])


def on_black(rgba: Pixels) -> Pixels:
    """What is seen of it before black, opaque: for additive blending."""
    return np.dstack([_weighed(rgba), np.full(rgba.shape[:2], 255, np.uint8)])


def from_black(rgba: Pixels) -> Pixels:
    """Straight alpha of what was drawn on black: the strongest channel becomes alpha, and before
    black it looks as it did, to a level."""
    seen = _weighed(rgba).astype(np.float64)
    alpha = seen.max(-1)
    colour = seen * 255 / np.maximum(alpha, 1)[..., None]
    return np.dstack([np.rint(colour), alpha]).astype(np.uint8)


def from_premultiplied(rgba: Pixels) -> Pixels:
    """Straight colours of premultiplied ones; where alpha is low, levels were lost for good."""
    alpha = rgba[..., 3:].astype(np.float64)
    colour = np.rint(rgba[..., :3] * 255.0 / np.maximum(alpha, 1))
    return np.dstack([np.clip(colour, 0, 255).astype(np.uint8), rgba[..., 3]])


def adds_light(picture: Image.Image) -> bool:
    """Whether a premultiplied picture has pixels brighter than their alpha: they only add light,
    and straight alpha has no place for them."""
    rgba = np.asarray(picture.convert("RGBA"))
    return bool((rgba[..., :3] > rgba[..., 3:]).any())


def book_of(placed: Placed) -> Book | None:
    """How the sheet is divided; None where columns and rows don't find its frames."""
    width, height = placed.rects[0].width, placed.rects[0].height
    if placed.image.width % width or placed.image.height % height:
        return None
    columns, rows = placed.image.width // width, placed.image.height // height
    for number, rect in enumerate(placed.rects):
        x, y = number % columns * width, number // columns * height
        if (rect.x, rect.y, rect.width, rect.height) != (x, y, width, height):
            return None
    return Book(columns, rows, width, height)


def touching(placed: Placed, way: str) -> tuple[int, ...]:
    """The frames of a sheet in that way of blending, counted from 0, that show something on the
    outermost pixels of their cells: without padding a renderer that filters shows a trace of it in
    the cell beside."""
    out = []
    for number, rect in enumerate(placed.rects):
        rgba = np.asarray(placed.image.crop(rect.box))
        seen = np.asarray(_weighed(rgba).any(-1) if way == "black" else rgba[..., 3] > 0)
        if seen[[0, -1]].any() or seen[:, [0, -1]].any():
            out.append(number)
    return tuple(out)


def _made(picture: Image.Image, make: Callable[[Pixels], Pixels]) -> Image.Image:
    return Image.fromarray(make(np.asarray(picture.convert("RGBA"))), "RGBA")


def _weighed(rgba: Pixels) -> Pixels:
    return np.rint(rgba[..., :3] * (rgba[..., 3:] / 255.0)).astype(np.uint8)
