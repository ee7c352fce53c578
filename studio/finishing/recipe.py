"""How a style's pictures are finished: which steps, in which palette, on which canvas."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest
from studio.pixels.hex_colours import hex_of, rgb_of
from studio.pixels.snapping import DITHERS

SCHEMA = 1
LARGEST = 4096  # pixels a side of a canvas or of a native size
MOST_COLOURS = 256  # as many as an indexed PNG holds
WIDEST = 4  # pixels of an outline
OUTLINES = ("", "add", "thin", "recolour")


@dataclass(frozen=True)
class Recipe:
    """The steps of a finished picture, none by default.

    `hard_alpha`: no half-transparent pixels. `native`: the longer side in native pixels, 0 as
    drawn. `colours`: the palette written out, in its order, so that it works when the palette is
    gone; `palette`: its "name@revision", or "". `dither`: one of snapping.DITHERS. `strays` and
    `holes`: the safe proposals. `outline`: one of OUTLINES, in `outline_colour` ("": the palette's
    darkest, or the picture's own), `outline_width` pixels wide. `canvas`: width and height;
    `ground`: rows left free under the figure, None keeps its place. `background`: a plain one is
    taken away.
    """

    hard_alpha: bool = False
    native: int = 0
    colours: tuple[str, ...] = ()
    palette: str = ""
    dither: str = "none"
    strays: bool = False
    holes: bool = False
    outline: str = ""
    outline_colour: str = ""
    outline_width: int = 1
    canvas: tuple[int, int] | None = None
    ground: int | None = None
    background: bool = False

    @cached_property
    def mark(self) -> str:
        """The first 12 letters of the SHA-256 of its canonical JSON. Which palette the colours
        came from does not count, nor what stands at its default: a later field changes no mark."""
        said = {key: value for key, value in _said(self).items() if key != "palette"}
        return hashlib.sha256(_json(said).encode()).hexdigest()[:12]


PLAIN = Recipe()
NAMES = tuple(field.name for field in fields(Recipe))


def written(recipe: Recipe) -> str:
    """The recipe as canonical JSON: keys in order, without what stands at its default."""
    return _json({"schema": SCHEMA, **_said(recipe)})


def read(text: str) -> Recipe:
    """The recipe of `written`. StudioError naming what is no JSON, an unknown key, a later schema
    and a value that can't be."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError("The recipe is not JSON.", "Export it again.") from error
    if not isinstance(given, dict):
        raise StudioError("The recipe is not a JSON object.", "Export it again.")
    if given.pop("schema", SCHEMA) != SCHEMA:
        raise StudioError("The recipe is of a later version.", "Update the studio.")
    for key in given:
        if key not in NAMES:
            raise StudioError(
                f"A recipe has no {numbers.shown(key)}.",
                f"{nearest(key, NAMES)}It has {', '.join(NAMES)}.",
            )
    for key in ("colours", "canvas"):
        if isinstance(given.get(key), list):
            given[key] = tuple(given[key])
    return checked(Recipe(**given))


def checked(recipe: Recipe) -> Recipe:
    """The recipe, its colours in small letters. StudioError naming the value that can't be."""
    for name in ("hard_alpha", "strays", "holes", "background"):
        if not isinstance(getattr(recipe, name), bool):
            raise StudioError(
                f"{name} is {numbers.shown(getattr(recipe, name))}.", "Give true or false."
            )
    for name, known in (("dither", DITHERS), ("outline", OUTLINES)):
        if getattr(recipe, name) not in known:
            raise StudioError(
                f"{name} is {numbers.shown(getattr(recipe, name))}.",
                f"Use one of {', '.join(one or 'none' for one in known)}.",
            )
    if not isinstance(recipe.palette, str):
        raise StudioError(f"palette is {numbers.shown(recipe.palette)}.", 'Write "name@revision".')
    canvas = _canvas(recipe.canvas)
    colour = hex_of(rgb_of([recipe.outline_colour]))[0] if recipe.outline_colour else ""
    return Recipe(
        **{
            **_fields(recipe),
            "native": numbers.whole("native", recipe.native, 0, LARGEST),
            "colours": _colours(recipe.colours),
            "outline_colour": colour,
            "outline_width": numbers.whole("outline_width", recipe.outline_width, 1, WIDEST),
            "canvas": canvas,
            "ground": _ground(recipe.ground, canvas),
        }
    )


def _colours(given: Any) -> tuple[str, ...]:
    if not isinstance(given, tuple):
        raise StudioError(f"colours is {numbers.shown(given)}.", 'Give a list of "#rrggbb".')
    if len(given) > MOST_COLOURS:
        raise StudioError(
            f"The palette has {len(given):,} colours.",
            f"A recipe takes at most {MOST_COLOURS}: give a smaller palette.",
        )
    return hex_of(rgb_of(given)) if given else ()


def _canvas(given: Any) -> tuple[int, int] | None:
    if given is None:
        return None
    if not isinstance(given, tuple) or len(given) != 2:
        raise StudioError(f"canvas is {numbers.shown(given)}.", "Give width and height.")
    width, height = (numbers.whole("canvas", side, 1, LARGEST) for side in given)
    return width, height


def _ground(given: Any, canvas: tuple[int, int] | None) -> int | None:
    if given is None:
        return None
    if canvas is None:
        raise StudioError("ground is given without a canvas.", "Give the canvas's size too.")
    return numbers.whole("ground", given, 0, canvas[1] - 1)


def _fields(recipe: Recipe) -> dict[str, Any]:
    return {name: getattr(recipe, name) for name in NAMES}


def _said(recipe: Recipe) -> dict[str, Any]:
    usual = asdict(PLAIN)
    return {key: value for key, value in asdict(recipe).items() if value != usual[key]}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
