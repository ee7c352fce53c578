"""Our own screens on a page, with a keyboard of their own: HTML and CSS of `screens/`, and a line
of JavaScript that loads the rest."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from studio.web import javascript

# Whose styles a screen takes with it, before its own.
SHARED = {
    "vote": ("sitting", "stage", "scenery"),
    "rate": ("sitting", "stage", "scenery"),
    "scene": ("sitting", "scenery"),
    "view": ("scenery", "closeup"),
    "repeat": ("closeup",),
    "mask": ("mask_canvas", "mask_view", "mask_saving"),
}


def enlarging() -> None:
    """Have a click on any picture of the page show its row large, side by side at one zoom."""
    screen("enlarge")(key="enlarge")


@cache
def screen(name: str) -> Any:
    """A screen, to be mounted with `data=`. Its files are trusted code; what people wrote goes
    into `data`, and is shown as text."""
    styles = (*SHARED.get(name, ()), name)
    return st.components.v2.component(
        f"housestyle_{name}",
        html=(javascript.FOLDER / f"{name}.html").read_text("utf-8"),
        css="\n".join((javascript.FOLDER / f"{part}.css").read_text("utf-8") for part in styles),
        js=javascript.loader(name),
    )
