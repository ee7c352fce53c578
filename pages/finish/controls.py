"""The steps to be set by hand, in the order in which they are taken; one group open at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from pages.finish import palette_field
from pages.finish.steps_draft import AS_IT_IS, NO_GROUND
from studio import context
from studio.finishing import recipe_words
from studio.finishing.recipe import LARGEST, OUTLINES, WIDEST
from studio.finishing.steps import ANCHORS, GRIDS, RANGES, SHADOWS
from studio.pixels.snapping import DITHERS
from studio.web import drafts, ui
from studio.web.drafts import Draft
from studio.workflows.finishing import RIGHT

GROUP = "finish-group"
GRID_NAMES = {"recipe": "Recipe's", "found": "Find it", "set": "By hand", "none": "None"}
SHADOW_NAMES = {"": "None", "contact": "On the ground", "drop": "Drop shadow"}
CLEANING = ("strays", "holes", "outline", "outline_colour", "outline_width", "broken")
EDGES = ("left", "top", "right", "bottom")
FRAME = (
    *("background", "canvas_width", "canvas_height", "ground", "anchor"),
    *(f"edge_{edge}" for edge in EDGES),
)


def show(studio: context.Studio, draft: Draft) -> None:
    """All groups; above them in which something differs from what is proposed."""
    groups: dict[str, tuple[Callable[[Draft], None], tuple[str, ...]]] = {
        "Grid": (grid, ("grid", "set_grid", "native")),
        "Colour": (colour, ("hue", "saturation", "lightness", "black", "white", "gamma")),
        "Palette": (partial(palette, studio), ("colours", "palette", "dither", "hard_alpha")),
        "Clean up": (clean_up, CLEANING),
        "Background and canvas": (canvas, FRAME),
        "Shadow": (shadow, ("shadow",)),
    }
    by_hand = [
        title
        for title, (_, names) in groups.items()
        if any(drafts.value(draft, name) != draft.saved[name] for name in names)
    ]
    if by_hand:
        st.caption(f"Set by hand: {', '.join(by_hand)}.")
    for title, (fields, _) in groups.items():
        # Under another label it would be another one, which is closed.
        box = st.expander(
            title, key=f"{GROUP} {title}", on_change=_only, args=(title, list(groups))
        )
        if box.open:
            with box:
                fields(draft)


def _only(opened: str, all: list[str]) -> None:
    """As a callback: with one group open the picture stays in sight."""
    if st.session_state[f"{GROUP} {opened}"]:
        for title in all:
            st.session_state[f"{GROUP} {title}"] = title == opened


def grid(draft: Draft) -> None:
    """Where the pixel grid comes from."""
    st.segmented_control(
        "Pixel grid",
        GRIDS,
        format_func=GRID_NAMES.__getitem__,
        required=True,
        **_may(draft, "grid", "Soft, enlarged or JPEG-damaged pixel art becomes one pixel a cell."),
    )
    if drafts.value(draft, "grid") == "recipe":
        st.number_input(
            "Native size",
            0,
            LARGEST,
            **_may(
                draft, "native", "Pixels of the longer side, where it is enlarged; 0: as it is."
            ),
        )
    st.caption("Drag a line over the picture, or type its numbers there, and it is set by hand.")


def colour(draft: Draft) -> None:
    """Hue, saturation, lightness and levels, before colours are snapped."""
    for name, label in (
        ("hue", "Hue, degrees"),
        ("saturation", "Saturation, %"),
        ("lightness", "Lightness, %"),
    ):
        st.slider(label, *RANGES[name], **_may(draft, name))
    left, middle, right = st.columns(3)
    left.number_input("Black, %", *RANGES["black"], **_may(draft, "black"))
    middle.number_input("Gamma", 0.1, 10.0, step=0.05, **_may(draft, "gamma"))
    right.number_input("White, %", *RANGES["white"], **_may(draft, "white"))


def palette(studio: context.Studio, draft: Draft) -> None:
    """Which colours, how they are mixed, and hard edges."""
    palette_field.show(studio, draft)
    st.segmented_control(
        "Dither",
        DITHERS,
        format_func=recipe_words.DITHERS.__getitem__,
        required=True,
        **_may(draft, "dither", "Mixes two colours of the palette where neither is near."),
    )
    st.toggle("Hard alpha", **_may(draft, "hard_alpha", "No half-transparent pixels."))


def clean_up(draft: Draft) -> None:
    """Strays, holes and the outline; what each would change is shown beside the picture."""
    st.toggle(
        "Stray pixels",
        **_may(draft, "strays", "Takes those away that no artist would have meant."),
    )
    st.toggle("Holes", **_may(draft, "holes", "Fills single pixels that are open by mistake."))
    st.segmented_control(
        "Outline",
        OUTLINES,
        format_func=recipe_words.OUTLINES.__getitem__,
        required=True,
        **_may(draft, "outline"),
    )
    colours = ["", *drafts.value(draft, "colours")]
    now = drafts.value(draft, "outline_colour")
    st.selectbox(
        "Outline colour",
        list(dict.fromkeys([*colours, now])),
        format_func=lambda one: one or "The picture's own",
        accept_new_options=True,
        **_may(draft, "outline_colour", "One of the palette, or type another, such as #1a1c2c."),
    )
    st.number_input("Outline width", 1, WIDEST, **_may(draft, "outline_width", "Pixels."))
    st.toggle("Broken outline", **_may(draft, "broken", "Lighter where light falls on it."))


def canvas(draft: Draft) -> None:
    """Background away, and the size that the game wants."""
    st.toggle("Background away", **_may(draft, "background", "A plain one, from the edges in."))
    left, right = st.columns(2)
    about = "In pixels; 0: as it is."
    left.number_input("Canvas width", 0, LARGEST, **_may(draft, "canvas_width", about))
    right.number_input("Canvas height", 0, LARGEST, **_may(draft, "canvas_height", about))
    sides = [drafts.value(draft, f"canvas_{side}") != AS_IT_IS for side in ("width", "height")]
    if any(sides) and not all(sides):
        st.caption(":orange[:material/error: Give the canvas's other side, too.]")
    if all(sides):
        left.selectbox(
            "Anchor",
            ("", *ANCHORS),
            format_func=lambda one: one.capitalize() or "Recipe's",
            **_may(draft, "anchor", "Where on the canvas the picture stands."),
        )
        right.number_input(
            "Free rows below",
            NO_GROUND,
            LARGEST,
            **_may(draft, "ground", "Under the figure's feet; -1: it keeps its place."),
        )
    st.caption("Pixels added at an edge; below 0 they are cut off.")
    for column, edge in zip(st.columns(4), EDGES, strict=True):
        name = f"edge_{edge}"
        column.number_input(edge.capitalize(), *RANGES[name], **_may(draft, name))


def shadow(draft: Draft) -> None:
    """A shadow, which stays a layer of its own."""
    st.segmented_control(
        "Shadow",
        ("", *SHADOWS),
        format_func=SHADOW_NAMES.__getitem__,
        required=True,
        **_may(draft, "shadow", "Kept as a second file; the picture itself stays without it."),
    )
    cast = drafts.value(draft, "shadow")
    if cast:
        st.slider("Opacity, %", *RANGES["shadow_opacity"], **_may(draft, "shadow_opacity"))
    if cast == "drop":
        left, right = st.columns(2)
        left.number_input("To the right", *RANGES["shadow_x"], **_may(draft, "shadow_x"))
        right.number_input("Down", *RANGES["shadow_y"], **_may(draft, "shadow_y"))


def _may(draft: Draft, name: str, help: str | None = None) -> dict[str, Any]:
    """A field that who may not finish can't set."""
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}
