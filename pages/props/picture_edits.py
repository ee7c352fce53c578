"""The picture made ready first: its background away, cut, recoloured, brought to a palette. Each
makes a picture of its own, and the old one stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.props import starting
from studio import context
from studio.errors import StudioError
from studio.finishing import palettes
from studio.web import drafts, ui
from studio.web.drafts import Draft
from studio.workflows import picture_edits
from studio.workflows.picture_edits import RIGHT
from studio.workflows.upscale_sources import Source

KIND = "picture_edit"
NONE = ""
WAYS = {
    NONE: "As it is",
    "advised": "Away, as it suits",
    "flood": "Away: plain ground",
    "model": "Away: by a model",
}
FIELDS: dict[str, Any] = {
    **{"background": NONE, "trim": False, "palette": NONE},
    **{"left": 0, "top": 0, "right": 0, "bottom": 0},
    **{"hue": 0, "saturation": 0, "lightness": 0, "black": 0, "white": 100, "gamma": 1.0},
}
COLOURS = ("hue", "saturation", "lightness", "black", "white", "gamma")


def advise(source: Source) -> None:
    """Says that a picture has a background, which would become a part of the prop, and takes it
    away with one click."""
    told = st.session_state.setdefault("props-advice", {})
    if source.hash not in told:
        try:
            told[source.hash] = picture_edits.advised(source)
        except StudioError:  # said where it becomes a prop
            told[source.hash] = "none"
    advice = told[source.hash]
    if advice == "none":
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/wallpaper: It has a background, which becomes a part of the prop.")
        if advice == "ask":
            st.caption("Neither way is sure here: choose one under *Make the picture ready first*.")
            return
        edits = [{"edit": "background", "by": advice}]
        st.button(
            "Take the background away",
            key="props-background",
            icon=":material/content_cut:",
            on_click=starting.ask,
            args=(KIND, {"pictures": [source.named], "edits": edits}),
            **ui.only(RIGHT, help="As a picture of its own; the page goes on with it."),
        )


def show(studio: context.Studio, source: Source, made: Sequence[str]) -> None:
    """The fields, folded away, and the button; `made` are pictures that came of it before."""
    box = st.expander("Make the picture ready first", key="props-ready", on_change="rerun")
    if not box.open:
        return
    with box:
        draft = drafts.begin(f"props/{source.named}/picture", FIELDS)
        _fields(studio, source, draft)
        edits = chain(source, draft)
        st.button(
            "Make this picture",
            icon=":material/auto_fix_high:",
            on_click=starting.ask,
            args=(KIND, {"pictures": [source.named], "edits": edits}),
            **ui.only(RIGHT, not edits, help="Beside the old one; the page goes on with it."),
        )
        drafts.tell(draft, "the picture")
        for id in made:
            st.page_link(
                "pages/Props.py",
                label="Go on with the new picture",
                icon=":material/arrow_forward:",
                query_params={"id": id},
            )


def chain(source: Source, draft: Draft) -> list[dict[str, Any]]:
    """What stands in the fields, as a chain of edits: background, cut, colours, palette."""
    value = {name: drafts.value(draft, name) for name in FIELDS}
    found: list[dict[str, Any]] = []
    if value["background"]:
        found.append({"edit": "background", "by": value["background"]})
    sides = [int(value[side] or 0) for side in ("left", "top", "right", "bottom")]
    width, height = source.width - sides[0] - sides[2], source.height - sides[1] - sides[3]
    if any(sides) and width > 0 and height > 0:
        place = {"left": sides[0], "top": sides[1], "width": width, "height": height}
        found.append({"edit": "crop", **place})
    if value["trim"]:
        found.append({"edit": "trim"})
    if any(value[name] != FIELDS[name] for name in COLOURS):
        found.append({"edit": "colour"} | {name: value[name] for name in COLOURS})
    if value["palette"]:
        found.append({"edit": "palette", "palette": value["palette"]})
    return found


def _fields(studio: context.Studio, source: Source, draft: Draft) -> None:
    st.segmented_control(
        "Background",
        list(WAYS),
        format_func=WAYS.__getitem__,
        required=True,
        **_field(draft, "background", "A flood from the border, or a model for smooth art."),
    )
    for column, side, most in zip(
        st.columns(4),
        ("left", "top", "right", "bottom"),
        (source.width, source.height) * 2,
        strict=True,
    ):
        column.number_input(
            f"Cut {side}, px", 0, most - 1, **_field(draft, side, "Pixels that go on this side.")
        )
    st.toggle("Cut to what is seen", **_field(draft, "trim", "Empty borders go."))
    left, middle, right = st.columns(3)
    left.slider("Hue", -180, 180, **_field(draft, "hue", "Degrees on the wheel of colours."))
    middle.slider("Saturation", -100, 100, **_field(draft, "saturation", "Percent; -100 is grey."))
    right.slider("Lightness", -100, 100, **_field(draft, "lightness", "Percent."))
    left.slider("Black", 0, 99, **_field(draft, "black", "Percent of light that becomes black."))
    middle.slider("White", 1, 100, **_field(draft, "white", "Percent that becomes white."))
    right.slider("Gamma", 0.1, 4.0, step=0.05, **_field(draft, "gamma", "Above 1 is brighter."))
    there = [one.name for one in palettes.listing(studio.engine)]
    held = str(drafts.value(draft, "palette"))
    st.selectbox(
        "Palette",
        list(dict.fromkeys([NONE, *there, held])),
        format_func=lambda one: one or "Its own colours",
        **_field(draft, "palette", "Each pixel takes the nearest colour of it."),
    )


def _field(draft: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}
