"""What is done to a picture before a prop is made of it: cut, recoloured, its background taken
away, brought to a palette.

Each edit is a pure function of RGBA pixels [h, w, 4] in sRGB; the steps themselves are those of
finishing (`studio.pixels`). A chain of them is plain JSON (`checked`), and the same picture with
the same chain gives the same pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from studio import numbers
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels import canvas, levels, snapping
from studio.pixels.background import TOLERANCE
from studio.pixels.hex_colours import Pixels, hex_of, rgb_of
from studio.props import background, edit_records
from studio.props.edit_records import Edit, Shape, flag, number, one_of, whole, words

SIDE = 4_096  # pixels, the most of a picture whose colours are changed
LARGEST = 16_384  # pixels, of a picture that is cut
MOST_COLOURS = 256
WAYS = ("advised", "flood", "model")  # to take a background away


def _levels(where: str, values: Mapping[str, Any]) -> None:
    if values["black"] >= values["white"]:
        raise StudioError(
            f"{where}: black is {values['black']} and white {values['white']}.",
            "Black lies below white.",
        )


def _colours(name: str, given: Any) -> list[str]:
    if not isinstance(given, list | tuple) or len(given) > MOST_COLOURS:
        raise StudioError(
            f"{name} is {numbers.shown(given)}.",
            f'Give a list of at most {MOST_COLOURS} "#rrggbb".',
        )
    return list(hex_of(rgb_of(given))) if given else []


def _one_source(where: str, values: Mapping[str, Any]) -> None:
    """A palette comes from somewhere; colours that are written out may name where from."""
    if not (values["colours"] or values["palette"] or values["style"]):
        raise StudioError(
            f"{where}: no palette is given.", "Give colours, the name of a palette, or a style."
        )
    if not values["colours"] and values["palette"] and values["style"]:
        raise StudioError(
            f"{where}: palette and style are both given.", "Give the one or the other."
        )


# In percent and degrees, as finishing has them (`finishing.steps`); places in pixels.
SHAPES: dict[str, Shape] = {
    "crop": Shape(
        {
            "left": whole(0, LARGEST),
            "top": whole(0, LARGEST),
            "width": whole(1, LARGEST),
            "height": whole(1, LARGEST),
        }
    ),
    "trim": Shape({}),
    "colour": Shape(
        {
            "hue": whole(-180, 180),
            "saturation": whole(-100, 100),
            "lightness": whole(-100, 100),
            "black": whole(0, 99),
            "white": whole(1, 100),
            "gamma": number(0.1, 10),
        },
        {"hue": 0, "saturation": 0, "lightness": 0, "black": 0, "white": 100, "gamma": 1.0},
        _levels,
    ),
    "background": Shape(
        {"by": one_of(WAYS), "tolerance": number(0.005, 0.3)},
        {"by": "advised", "tolerance": TOLERANCE},
    ),
    "palette": Shape(
        {
            "colours": _colours,
            "palette": words(80),
            "style": words(63),
            "dither": one_of(snapping.DITHERS),
            "hard_alpha": flag,
        },
        {"colours": [], "palette": "", "style": "", "dither": "none", "hard_alpha": False},
        _one_source,
    ),
}


class Edited(NamedTuple):
    """A picture after its edits, the edits as they were taken (an advised way is that way by now),
    and what is to be told of them, in sentences."""

    rgba: Pixels
    edits: tuple[Edit, ...]
    remarks: tuple[str, ...]


def checked(given: Any) -> tuple[Edit, ...]:
    """A chain from its JSON, [{"edit": "crop", "left": 0, ...}, ...], with all its values.
    StudioError naming what can't be."""
    return edit_records.read(given, SHAPES)


def apply(rgba: Pixels, edits: Iterable[Edit], is_pixel_art: Callable[[Pixels], bool]) -> Edited:
    """The picture after a chain, taken in its order; `is_pixel_art` is asked where the way to take
    a background away is advised. StudioError where an edit can't be made of this picture."""
    taken, remarks = list[Edit](), list[str]()
    for place, edit in enumerate(edits, 1):
        if edit.name not in ("crop", "trim"):
            _check_side(rgba)
        if edit.name == "background" and edit.values["by"] == "advised":
            edit = replace(edit, values={**edit.values, "by": _advised(rgba, is_pixel_art)})
        rgba = _DONE[edit.name](rgba, edit.values, f"Edit {place}")
        if edit.name == "palette" and (soft := _soft(rgba)):
            remarks.append(f"{soft:,} half-transparent pixels keep their own colours.")
        taken.append(edit)
    if not rgba[..., 3].any():
        raise StudioError(
            "Nothing is seen on what is left of the picture.", "Cut less away, or undo an edit."
        )
    return Edited(rgba, tuple(taken), tuple(dict.fromkeys(remarks)))


def _crop(rgba: Pixels, values: Mapping[str, Any], where: str) -> Pixels:
    left, top, width, height = (values[name] for name in ("left", "top", "width", "height"))
    high, wide = rgba.shape[:2]
    if left + width > wide or top + height > high:
        raise StudioError(
            f"{where}: {width} x {height} pixels from {left}, {top} on reach beyond the picture of "
            f"{wide} x {high}.",
            "Give a part that lies within it.",
        )
    return rgba[top : top + height, left : left + width].copy()


def _trim(rgba: Pixels, values: Mapping[str, Any], where: str) -> Pixels:
    return canvas.cropped(rgba)


def _colour(rgba: Pixels, values: Mapping[str, Any], where: str) -> Pixels:
    shifted = levels.shifted(
        rgba, values["hue"], 1 + values["saturation"] / 100, values["lightness"] / 100
    )
    return levels.levelled(shifted, values["black"] / 100, values["white"] / 100, values["gamma"])


def _background(rgba: Pixels, values: Mapping[str, Any], where: str) -> Pixels:
    if values["by"] == "flood":
        return background.flood(rgba, values["tolerance"])
    return background.model(rgba)


def _palette(rgba: Pixels, values: Mapping[str, Any], where: str) -> Pixels:
    if values["hard_alpha"]:
        rgba = snapping.hard_alpha(rgba)
    return snapping.snapped(rgba, values["colours"], values["dither"])


def _advised(rgba: Pixels, is_pixel_art: Callable[[Pixels], bool]) -> str:
    way = background.advised(rgba, is_pixel_art)
    if way == "none":
        raise StudioError(
            "The picture's border is see-through: it is cut out already.",
            "Leave the edit of its background out.",
        )
    if way == "ask":
        raise StudioError(
            "No way to take the background away is sure: the ground is not plain, and the model "
            "is for smooth art.",
            "Choose flood or model yourself, and look at what comes of it.",
        )
    return way


def _soft(rgba: Pixels) -> int:
    alpha = rgba[..., 3]
    return int(np.count_nonzero((alpha > 0) & (alpha < OPAQUE)))


def _check_side(rgba: Pixels) -> None:
    height, width = rgba.shape[:2]
    if max(width, height) > SIDE:
        raise StudioError(
            f"The picture has {width:,} x {height:,} pixels.",
            f"Edit pictures of at most {SIDE:,} a side: crop it first, or make it smaller.",
        )


_DONE: dict[str, Callable[[Pixels, Mapping[str, Any], str], Pixels]] = {
    "crop": _crop,
    "trim": _trim,
    "colour": _colour,
    "background": _background,
    "palette": _palette,
}
