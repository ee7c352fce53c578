"""Back to 2D: a prop drawn from 1, 4 or 8 directions, in the style's pixels and palette, for the
gallery; those that there are."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.props import starting
from studio import context
from studio.assets import family
from studio.assets.records import Asset
from studio.errors import StudioError
from studio.finishing import palettes
from studio.generation import gallery_table
from studio.jobs.table import Job
from studio.props import directions
from studio.props.directions import HIGHEST, ORDER, OUTLINES, SIDES
from studio.web import drafts, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import prop_sheets
from studio.workflows.prop_sheets import RIGHT

KIND = "prop_sheet"
STYLES, ANY = "", "(any)"  # no palette may be called so
COUNTS = {1: "1", 4: "4", 8: "8"}
LINES = {"": "As drawn", "add": "Added", "recolour": "Recoloured"}
GREENS = {"up": "Up (Unity, Godot)", "down": "Down (Unreal)"}
LARGE = 160


def show(studio: context.Studio, prop: Asset, job: Job | None) -> None:
    """The sheets that came of it, and the fields for another one."""
    there = [
        one for one in family.children(studio.engine, prop.id) if one.kind == gallery_table.KIND
    ]
    if there:
        st.subheader("Sheets of it")
        shown = [
            Shown(
                f"/picture/made/{one.id}",
                "",
                alt=f"Sheet of {prop.name}",
                href=f"/Picture?id={one.id}",
            )
            for one in reversed(there)
        ]
        ui.pictures(shown, LARGE)
    box = st.expander("Sheet of directions", key="props-sheet", on_change="rerun")
    if not box.open:
        return
    with box:
        draft = drafts.begin(f"props/{prop.id}/sheet", _begun(studio, prop))
        _fields(studio, draft)
        try:
            asked: dict[str, Any] = {"prop": prop.id, "directions": given(studio, draft)}
        except StudioError as error:  # its palette went
            ui.failed(error)
            asked = {}
        st.button(
            "Draw the sheet",
            icon=":material/grid_on:",
            on_click=starting.ask,
            args=(KIND, asked),
            **ui.only(RIGHT, not asked, help="A picture of the gallery, its normal map beside it."),
        )
        drafts.tell(draft, "the sheet")
        _told(job)


def given(studio: context.Studio, draft: Draft) -> dict[str, Any]:
    """What stands in the fields, as `props.directions.Directions` have it; without a palette of
    its own it is the style's. StudioError where the palette is not there any more."""
    told = {name: drafts.value(draft, name) for name in draft.saved if name != "named"}
    named = str(drafts.value(draft, "named") or STYLES)
    if named == ANY:
        told["palette"] = []
    elif named != STYLES:
        told["palette"] = list(palettes.get(studio.engine, named).colours)
    return told


def _begun(studio: context.Studio, prop: Asset) -> dict[str, Any]:
    """As the prop's style has its sprites: their size, whether they are lit; its palette is filled
    in when the job is asked for."""
    usual = directions.to_json(prop_sheets.filled(studio, prop, {})[0])
    return {"named": STYLES} | {n: value for n, value in usual.items() if n != "palette"}


def _fields(studio: context.Studio, draft: Draft) -> None:
    left, right = st.columns(2)
    left.segmented_control(
        "Directions",
        list(ORDER),
        format_func=lambda count: COUNTS.get(count, str(count)),
        required=True,
        **_field(draft, "count", "South first, then on over east, north and west."),
    )
    right.number_input(
        "Side of a frame, px",
        SIDES.start,
        SIDES.stop - 1,
        step=8,
        **_field(draft, "side", "The native size of the style's sprites."),
    )
    left.slider(
        "Elevation",
        0.0,
        float(HIGHEST),
        step=5.0,
        format="%g°",
        **_field(draft, "elevation", "From where it is seen: 0 from the side, 30 as most games."),
    )
    right.slider(
        "Light", 0.0, 1.0, step=0.1, **_field(draft, "light", "0 keeps the texture's own colours.")
    )
    there = [one.name for one in palettes.listing(studio.engine)]
    held = str(drafts.value(draft, "named"))
    left.selectbox(
        "Palette",
        list(dict.fromkeys([STYLES, ANY, *there, held])),
        format_func=lambda one: {STYLES: "The style's", ANY: "Any colour"}.get(str(one), str(one)),
        **_field(draft, "named", "Each pixel takes the nearest colour of it."),
    )
    right.selectbox(
        "Outline",
        OUTLINES,
        format_func=lambda one: LINES.get(str(one), str(one)),
        **_field(draft, "outline", "One pixel around the figure."),
    )
    left.toggle("Hard edges", **_field(draft, "hard_alpha", "No half-transparent pixels."))
    right.toggle("Normal maps", **_field(draft, "normals", "For 2D lights, pixel by pixel alike."))
    if drafts.value(draft, "normals"):
        right.segmented_control(
            "Green of the normal map",
            list(GREENS),
            format_func=GREENS.__getitem__,
            required=True,
            **_field(draft, "normal_y", "Up for Unity and Godot, down for Unreal."),
        )


def _field(draft: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}


def _told(job: Job | None) -> None:
    """What came of the job that drew a sheet."""
    if job is None or job.kind != KIND:
        return
    for id in starting.made(job, "picture"):
        st.page_link(
            "pages/Picture.py",
            label="See the sheet",
            icon=":material/image:",
            query_params={"id": id},
        )
