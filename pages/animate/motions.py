"""One picture in motion without a model: which motion, its settings, and how it looks at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.animate import draft, starting
from studio import context
from studio.errors import StudioError
from studio.sheets import motion
from studio.web import addresses, drafts, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import upscale_sources
from studio.workflows.animations import RIGHT

LARGE = 256
POSES = (
    "What is here moves a picture's own pixels and draws nothing new. Walks, attacks and "
    "directions are drawn by poses, cell by cell, by a base that takes them."
)


def show(studio: context.Studio, begun: Draft) -> None:
    """The picture, the motion, its settings, the preview, and the button."""
    frames = draft.said(begun)["frames"]
    if not frames:
        st.info("No frame yet. Bring a picture under Frames, then choose its motion here.")
        return
    left, right = st.columns(2)
    at = left.selectbox(
        "Picture",
        list(range(len(frames))),
        format_func=lambda k: f"Frame {k + 1}",
        key="animate-motion-frame",
    )
    names = list(motion.MOTIONS)
    chosen = right.selectbox(
        "Motion",
        names,
        format_func=lambda name: motion.MOTIONS[name].label,
        **addresses.one_of("motion", names),
    )
    values = _settings(chosen)
    frame = frames[at]
    try:
        motion.checked(chosen, values)
    except StudioError as error:
        ui.failed(error)
        possible = False
    else:
        _preview(studio, frame, chosen, values)
        possible = True
    one = {name: frame[name] for name in ("picture", "box", "name") if frame.get(name)}
    blends = {name: str(drafts.value(begun, name)) for name in ("drawn", "effect")}
    asked: dict[str, Any] = {"frames": [one], "motion": {"motion": chosen, **values}, **blends}
    st.button(
        "Make the sheet",
        type="primary",
        icon=":material/grid_on:",
        on_click=starting.ask,
        args=(asked,),
        **ui.only(RIGHT, not possible),
    )
    st.caption(POSES)
    st.page_link("pages/Characters.py", label="Characters", icon=":material/directions_walk:")


def _preview(
    studio: context.Studio, frame: dict[str, Any], chosen: str, values: dict[str, float]
) -> None:
    """How the frame moves, where its picture is there."""
    try:
        mark = upscale_sources.source(studio, frame["picture"]).hash
    except StudioError as error:
        ui.failed(error)
        return
    query = {name: str(value) for name, value in values.items()}
    query["v"] = mark[:12]  # what is painted over has another address
    if frame.get("box"):
        query["box"] = ",".join(map(str, frame["box"]))
    url = f"/picture/motion/{frame['picture']}/{chosen}?{urlencode(query)}"
    ui.pictures([Shown(url, "", alt=f"{chosen}, moving")], LARGE)


def _settings(chosen: str) -> dict[str, float]:
    """A field for each setting of a motion."""
    parts = motion.parameters_of(chosen)
    values = dict[str, float]()
    columns = st.columns(min(4, len(parts)))
    for number, one in enumerate(parts):
        column, label = columns[number % len(columns)], one.name.replace("_", " ").capitalize()
        how: dict[str, Any] = {"key": f"animate-{chosen}-{one.name}", "help": one.says}
        if isinstance(one.first, int):
            low, high = int(one.low), int(one.high)
            values[one.name] = column.number_input(label, low, high, one.first, **how)
        else:
            low_, high_ = float(one.low), float(one.high)
            values[one.name] = column.number_input(label, low_, high_, one.first, 0.05, **how)
    return values
