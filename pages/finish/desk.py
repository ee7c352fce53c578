"""The finishing desk: a raw picture beside what finishing makes of it, its pixel grid and proposals
on it, each set or decided in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import streamlit as st

from studio.web import components


class Proposal(TypedDict):
    """A change that a person takes or leaves: `kind` such as "stray", `text` as it is listed, and
    its places [x, y] in pixels of the finished picture."""

    id: str
    kind: str
    text: str
    pixels: list[list[int]]


class Said(TypedDict):
    """What a person decided, all of it: the grid or None, and proposals by id; those in neither
    list are open."""

    grid: dict[str, float] | None
    taken: list[str]
    left: list[str]


def desk(
    before: str,
    after: str,
    *,
    key: str,
    grid: dict[str, float] | None,
    proposals: Sequence[Proposal] = (),
    taken: Sequence[str] = (),
    left: Sequence[str] = (),
    palette: Sequence[str] = (),
    editable: bool = True,
    gridded: bool = True,
    around: int = 330,
    on_said: Callable[[], None],
) -> None:
    """Draw it; `on_said` is called whenever something was decided, see `said`.

    `before` and `after` are addresses of the raw and the finished picture, which shows the cells of
    `grid` from its first one on: {step_x, step_y, offset_x, offset_y} in raw pixels, or None where
    a pixel is a pixel. `gridded` is False where there is none to set, as for a painting. `palette`
    is what a colour's place is told by; `around` is how many pixels of the window's height the page
    needs besides.
    """
    data = {
        "before": before,
        "after": after,
        **({"grid": grid} if gridded else {}),
        "proposals": list(proposals),
        "taken": list(taken),
        "left": list(left),
        "palette": list(palette),
        "editable": editable,
        "around": around,
    }
    components.screen("finish")(key=key, data=data, on_said_change=on_said)


def said(key: str) -> Said | None:
    """What was decided at the desk with this key, within `on_said`; None where it is malformed.

    It comes from a browser: ids may be unknown by now, and numbers are to be checked as a grid's.
    """
    told: Any = getattr(st.session_state.get(key), "said", None)
    if not isinstance(told, dict) or set(told) != {"grid", "taken", "left"}:
        return None
    grid = told["grid"]
    if grid is not None:
        names = ("step_x", "step_y", "offset_x", "offset_y")
        if not isinstance(grid, dict) or set(grid) != set(names):
            return None
        grid = {name: float(grid[name]) for name in names}
    ids = {name: [str(one) for one in told[name]] for name in ("taken", "left")}
    return {"grid": grid, "taken": ids["taken"], "left": ids["left"]}
