"""The steps as fields of the page: what is proposed, what the person set by hand, and back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from studio.finishing import steps as all_steps
from studio.finishing.recipe import PLAIN, Recipe
from studio.finishing.steps import OWN, Steps
from studio.pixels.grid import Grid
from studio.web import drafts
from studio.web.drafts import Draft

AS_IT_IS = 0  # a side of the canvas
EACH_PIXEL = (1.0, 1.0, 0.0, 0.0)  # the grid to begin with by hand
NO_GROUND = -1  # the figure keeps its place
RECIPE = tuple(f.name for f in fields(Recipe) if f.name not in ("canvas", "ground"))
LISTS = ("colours", "set_grid", "taken", "left")  # JSON has no tuples


@dataclass(frozen=True)
class Proposal:
    """What is proposed before anybody sets anything: steps, and whose they are, in words."""

    steps: Steps
    says: str


def begin(subject: str, proposal: Proposal) -> Draft:
    """The fields as they are proposed, with what the person set before."""
    return drafts.begin(subject, flat(proposal.steps))


def flat(steps: Steps) -> dict[str, Any]:
    """The steps by the names of their fields; `out` are ids of pictures that are left out."""
    recipe = steps.recipe
    width, height = recipe.canvas or (AS_IT_IS, AS_IT_IS)
    found = {name: getattr(recipe, name) for name in RECIPE}
    found |= {name: getattr(steps, name) for name in OWN}
    found |= {name: list(found[name] or ()) for name in LISTS if name != "set_grid"}
    found["set_grid"] = list(vars(steps.set_grid).values()) if steps.set_grid else []
    ground = NO_GROUND if recipe.ground is None else recipe.ground
    canvas = {"canvas_width": width, "canvas_height": height, "ground": ground}
    return {**found, **canvas, "out": []}


def steps_of(draft: Draft) -> Steps:
    """What stands in the fields now. StudioError naming what can't be."""
    told = {name: drafts.value(draft, name) for name in draft.saved}
    sides = told.pop("canvas_width"), told.pop("canvas_height")
    ground = told.pop("ground")
    del told["out"]
    canvas = (int(sides[0]), int(sides[1])) if all(sides) else None
    rows = int(ground) if canvas and ground != NO_GROUND else None
    recipe = Recipe(
        **{name: told.pop(name) for name in RECIPE if name != "colours"},
        colours=tuple(told.pop("colours")),
        canvas=canvas,
        ground=rows,
    )
    for name in ("taken", "left"):
        told[name] = tuple(told[name])
    if told["set_grid"] or told["grid"] == "set":
        told["set_grid"] = Grid(*(told["set_grid"] or EACH_PIXEL))
    else:
        told["set_grid"] = None
    return all_steps.checked(Steps(recipe, **told))


def changed(draft: Draft) -> list[str]:
    """The fields that the person set otherwise than was proposed."""
    return [name for name in draft.saved if drafts.value(draft, name) != draft.saved[name]]


def put_all(draft: Draft, steps: Steps) -> None:
    """As a callback: these steps in the place of what stands in the fields."""
    drafts.put(draft, **flat(steps))


NOTHING = Steps(PLAIN)
