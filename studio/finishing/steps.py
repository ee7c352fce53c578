"""What is done to a picture by hand: plain values that can be kept, repeated and read years later.

A recipe (`studio.finishing.recipe`) is a part of them; before it come the grid and the colours,
after it what is cut, added and cast as a shadow. `studio.finishing.by_hand` takes the steps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from studio import numbers
from studio.errors import StudioError, nearest
from studio.finishing import recipe as recipes
from studio.finishing.recipe import PLAIN, Recipe
from studio.pixels.grid import Grid

SCHEMA = 1
SHADOWS = ("contact", "drop")
GRIDS = ("recipe", "found", "set", "none")
ANCHORS = tuple(
    f"{row} {column}".replace("middle centre", "centre")
    for row in ("top", "middle", "bottom")
    for column in ("left", "centre", "right")
)
EDGE = 1024  # pixels that are cut or added at an edge
MOST_TAKEN = 1_000
# Whole numbers with their least and most: degrees, percent and pixels.
RANGES = {
    "hue": (-180, 180),
    "saturation": (-100, 100),
    "lightness": (-100, 100),
    "black": (0, 99),
    "white": (1, 100),
    **{f"edge_{side}": (-EDGE, EDGE) for side in ("left", "top", "right", "bottom")},
    "shadow_x": (-64, 64),
    "shadow_y": (-64, 64),
    "shadow_opacity": (5, 100),
}


@dataclass(frozen=True)
class Steps:
    """The steps in their order, none by default.

    `grid`: one of GRIDS, as the recipe has it, found in each picture, as in `set_grid`, or none.
    `hue` in degrees, `saturation` and `lightness` in percent, more or less; levels from `black` to
    `white`, percent of lightness, with `gamma`. Then `recipe`; of what else could be cleaned the
    proposals `taken`, by their ids, while those in `left` were looked at and stay; `broken`: the
    outline is broken where light falls on it. `edge_*`: pixels added, or cut where below 0. The
    recipe's canvas holds the picture at `anchor`, "" as the recipe has it. `shadow`: one of SHADOWS
    or "", a drop shadow moved by x and y, with an opacity in percent; it is a layer of its own.
    """

    recipe: Recipe = PLAIN
    grid: str = "recipe"
    set_grid: Grid | None = None
    hue: int = 0
    saturation: int = 0
    lightness: int = 0
    black: int = 0
    white: int = 100
    gamma: float = 1.0
    broken: bool = False
    edge_left: int = 0
    edge_top: int = 0
    edge_right: int = 0
    edge_bottom: int = 0
    anchor: str = ""
    shadow: str = ""
    shadow_x: int = 1
    shadow_y: int = 1
    shadow_opacity: int = 50
    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """The first 12 letters of the SHA-256 of their JSON; steps with one mark do the same."""
        said = {**said_of(self), "recipe": self.recipe.mark}
        said.pop("left", None)
        return hashlib.sha256(_json(said).encode()).hexdigest()[:12]


NONE = Steps()
OWN = tuple(field.name for field in fields(Steps) if field.name != "recipe")


def said_of(steps: Steps) -> dict[str, Any]:
    """The steps as JSON has them, without what stands at its default."""
    found = {
        name: getattr(steps, name) for name in OWN if getattr(steps, name) != getattr(NONE, name)
    }
    if steps.set_grid is not None:
        found["set_grid"] = list(vars(steps.set_grid).values())
    return {"schema": SCHEMA, "recipe": json.loads(recipes.written(steps.recipe)), **found}


def read(given: Mapping[str, Any]) -> Steps:
    """The steps of `said_of`. StudioError naming an unknown step, a later schema, and a value that
    can't be."""
    told = dict(given)
    if told.pop("schema", SCHEMA) != SCHEMA:
        raise StudioError("These steps are of a later version.", "Update the studio.")
    recipe = recipes.read(_json(told.pop("recipe", {})))
    for name in told:
        if name not in OWN:
            raise StudioError(
                f"There is no step {numbers.shown(name)}.",
                f"{nearest(str(name), OWN)}There are {', '.join(OWN)}.",
            )
    if told.get("set_grid") is not None:
        told["set_grid"] = _grid(told["set_grid"])
    for name in ("taken", "left"):
        ids = told.get(name) or []
        if not isinstance(ids, list | tuple):
            raise StudioError(f"{name} is {numbers.shown(ids)}.", "Give ids of proposals.")
        told[name] = tuple(ids)
    return checked(Steps(recipe, **told))


def checked(steps: Steps) -> Steps:
    """The steps with a checked recipe. StudioError naming the value that can't be."""
    whole: dict[str, Any] = {
        name: numbers.whole(name, getattr(steps, name), low, high)
        for name, (low, high) in RANGES.items()
    }
    gamma = numbers.number("gamma", steps.gamma, 0.1, 10)
    if gamma != steps.gamma:  # it was a text; 2 stays 2, so that the mark does
        steps = replace(steps, gamma=gamma)
    steps = replace(steps, **whole)
    if steps.black >= steps.white:
        raise StudioError(
            f"black is {steps.black} and white {steps.white}.", "Black lies below white."
        )
    for name in ("taken", "left"):
        told = getattr(steps, name)
        if not all(isinstance(one, str) for one in told) or len(told) > MOST_TAKEN:
            raise StudioError(f"{name} is {numbers.shown(told)}.", "Give ids of proposals.")
    for name, known in (("grid", GRIDS), ("anchor", ("", *ANCHORS)), ("shadow", ("", *SHADOWS))):
        if getattr(steps, name) not in known:
            raise StudioError(
                f"{name} is {numbers.shown(getattr(steps, name))}.",
                f"Use one of {', '.join(one or 'none' for one in known)}.",
            )
    if steps.grid == "set" and steps.set_grid is None:
        raise StudioError("The grid is set by hand, and no grid is given.", "Give its steps.")
    if not isinstance(steps.broken, bool):
        raise StudioError(f"broken is {numbers.shown(steps.broken)}.", "Give true or false.")
    return replace(steps, recipe=recipes.checked(steps.recipe))


def _grid(given: Any) -> Grid:
    names = ("step_x", "step_y", "offset_x", "offset_y")
    if not isinstance(given, list) or len(given) != len(names):
        raise StudioError(f"set_grid is {numbers.shown(given)}.", f"Give {', '.join(names)}.")
    lows = (1, 1, 0, 0)
    return Grid(
        *(
            numbers.number(name, one, low, recipes.LARGEST)
            for name, one, low in zip(names, given, lows, strict=True)
        )
    )


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
