"""What is done to a model: one new version of all that is set here; the old one stays, and undo
leads back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.props import field_help, starting
from studio import context
from studio.assets.records import Asset
from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.props.edits import AXES
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows.props import EDITED_BY, RIGHT

STAYS = ""
LEAST = 4  # triangles that a model is decimated to
AROUND = {"x": "x: forwards, backwards", "y": "y: to the side", "z": "z: like a wheel"}
PIVOTS = {STAYS: "As it is"} | field_help.PIVOTS


def show(studio: context.Studio, prop: Asset) -> None:
    """The fields, folded away, and the button."""
    figures: Mapping[str, Any] = prop.recipe.get("figures") or {}
    box = st.expander("Edit", key="props-edit", on_change="rerun")
    if not box.open:
        return
    with box:
        draft = drafts.begin(f"props/{prop.id}/edits", _begun(figures))
        _fields(draft, figures)
        _texture(draft)
        edits = chain(draft)
        st.button(
            "Make this version",
            type="primary",
            icon=":material/check:",
            shortcut="Ctrl+Enter",
            on_click=starting.ask,
            args=(EDITED_BY, {"prop": prop.id, "edits": edits}),
            **ui.only(RIGHT, not edits, help="A new version; this one stays."),
        )
        drafts.tell(draft, "the edits")


def chain(draft: Draft) -> list[dict[str, Any]]:
    """What differs from the prop as it is, as a chain of edits: turned first, so that the height is
    that of what stands there at last, and set on its pivot in the end."""
    now = {name: drafts.value(draft, name) for name in draft.saved}
    found: list[dict[str, Any]] = []
    if now["texture"]:
        found.append({"edit": "texture", "picture": now["texture"]})
    if now["degrees"]:
        found.append({"edit": "turn", "axis": now["axis"], "degrees": float(now["degrees"])})
    if now["share"] != draft.saved["share"] and now["share"]:
        found.append({"edit": "thickness", "share": float(now["share"])})
    if now["height_m"] != draft.saved["height_m"] and now["height_m"]:
        found.append({"edit": "scale", "height_m": float(now["height_m"])})
    if now["triangles"] != draft.saved["triangles"] and now["triangles"]:
        found.append({"edit": "decimate", "triangles": int(now["triangles"])})
    if now["pivot"] != STAYS:
        found.append({"edit": "pivot", "where": now["pivot"]})
    return found


def _begun(figures: Mapping[str, Any]) -> dict[str, Any]:
    height, depth = float(figures.get("height_m") or 0), float(figures.get("depth_m") or 0)
    triangles = int(figures.get("triangles") or 0)
    return {
        "height_m": min(round(height, 3), 1000.0) or None,
        "share": min(max(round(depth / height, 3), 0.001), 10.0) if height and depth else None,
        "triangles": triangles if triangles >= LEAST else None,
        "pivot": STAYS,
        "axis": "y",
        "degrees": 0.0,
        "texture": "",
    }


def _fields(draft: Draft, figures: Mapping[str, Any]) -> None:
    left, right = st.columns(2)
    left.number_input(
        f"{field_help.label('height_m')}, m",
        0.001,
        1000.0,
        None,
        step=0.1,
        format="%.3f",
        **_field(draft, "height_m", field_help.line("height_m")),
    )
    if drafts.value(draft, "share") is not None:
        right.number_input(
            "Thickness",
            0.001,
            10.0,
            None,
            step=0.05,
            format="%.3f",
            **_field(draft, "share", "Depth as a share of the height."),
        )
    most = int(figures.get("triangles") or LEAST)
    left.number_input(
        "Triangles",
        LEAST,
        max(LEAST, most),
        None,
        step=100,
        **_field(draft, "triangles", "Fewer of them: texture and seams stay."),
    )
    right.selectbox(
        field_help.label("pivot"),
        list(PIVOTS),
        format_func=PIVOTS.__getitem__,
        **_field(draft, "pivot", field_help.line("pivot")),
    )
    left.selectbox(
        "Turn about",
        AXES,
        format_func=lambda axis: AROUND.get(str(axis), str(axis)),
        **_field(draft, "axis", "y points up, the front looks to +z."),
    )
    right.number_input(
        "Degrees",
        -360.0,
        360.0,
        step=90.0,
        format="%g",
        **_field(draft, "degrees", "0 leaves it; quarters of a turn are exact."),
    )


def _texture(draft: Draft) -> None:
    """A texture of one's own, laid on as the one before."""
    if hash := str(drafts.value(draft, "texture")):
        ui.pictures([Shown(f"/picture/start/{hash}", "", alt="The new texture")], 96)
        st.button(
            "No other texture",
            type="tertiary",
            on_click=drafts.put,
            args=(draft,),
            kwargs={"texture": ""},
            **ui.only(RIGHT),
        )
    dropped = st.file_uploader(
        "Texture of your own",
        type=["png", "webp", "jpg", "jpeg"],
        key=f"props-texture {draft.subject} {st.session_state.get('props-textures', 0)}",
        **ui.only(RIGHT, help="Painted over the texture that Other files has; UV stay."),
    )
    if dropped is None:
        return
    st.session_state["props-textures"] = st.session_state.get("props-textures", 0) + 1
    studio, by = session.studio(), ui.person()
    try:
        start_room.check(studio, by)
        kept = start_pictures.keep(studio.home, dropped.getvalue(), dropped.name, by=by)
    except StudioError as error:
        ui.failed(error)
        return
    drafts.put(draft, texture=kept)
    st.rerun(scope="fragment")


def _field(draft: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}
