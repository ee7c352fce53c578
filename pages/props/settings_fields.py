"""All that shapes a prop, folded away, each field with a line of help; the height stands above."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.props import field_help
from studio import context
from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.props import settings as all_settings
from studio.props.settings import DEEPEST, LARGEST, SMALLEST, STRONGEST, Settings
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import props
from studio.workflows.props import RIGHT

GROUP = "props-group"
EDITS = "edits"  # of the draft, beside the settings
SHAPE = ("depth", "bevel", "detail")
BACK = ("back", "back_colour", "back_picture")
EDGES = ("alpha", "matte", "shadow")
NORMALS = ("normal_strength", "normal_y")
DEEP = ("card", "contour", "voxels", "relief")  # methods that have a depth
BEVELLED = ("card", "contour")


def begin(studio: context.Studio, subject: str, method: str) -> Draft:
    """The settings that the method is proposed with, and what the person set before."""
    settings = props.settings_in(studio, {"method": method})
    return drafts.begin(f"{subject}/{method}", {**_plain(settings), EDITS: []})


def given(draft: Draft, method: str) -> dict[str, Any]:
    """What stands in the fields, as settings."""
    now = {name: drafts.value(draft, name) for name in draft.saved if name != EDITS}
    return {"method": method, **now}


def changed(draft: Draft) -> dict[str, Any]:
    """What of it is not as it is proposed."""
    now = {name: drafts.value(draft, name) for name in draft.saved if name != EDITS}
    return {name: value for name, value in now.items() if value != draft.saved[name]}


def edits(draft: Draft) -> list[Any]:
    """The edits of a prop of before that follow, where its settings were taken."""
    return list(drafts.value(draft, EDITS))


def tell_of_edits(draft: Draft) -> None:
    """Which edits follow, and a way without them."""
    if not (held := edits(draft)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        names = ", ".join(str(one.get("edit", "")) for one in held if isinstance(one, dict))
        st.caption(f"Then edited as the one before: {ui.plain(names)}.")
        st.button(
            "Without these edits",
            type="tertiary",
            on_click=drafts.put,
            args=(draft,),
            kwargs={EDITS: []},
            **ui.only(RIGHT),
        )


def height(draft: Draft) -> None:
    """How high it is in the game."""
    st.number_input(
        f"{field_help.label('height_m')}, m",
        SMALLEST,
        LARGEST,
        step=0.1,
        format="%.3f",
        **field(draft, "height_m"),
    )


def show(draft: Draft, method: str) -> None:
    """The groups; above them in which something is set by hand."""
    groups: dict[str, tuple[Callable[[Draft, str], None], Sequence[str]]] = {
        "Shape": (_shape, SHAPE),
        "Back": (_back, BACK),
        "Pivot": (_pivot, ("pivot",)),
        "Edges and transparency": (_edges, EDGES),
        "Normal map": (_normals, NORMALS),
    }
    if method not in DEEP:
        del groups["Shape"], groups["Back"]
    by_hand = [
        title
        for title, (_, names) in groups.items()
        if any(drafts.value(draft, name) != draft.saved[name] for name in names)
    ]
    if by_hand:
        st.caption(f"Set by hand: {', '.join(by_hand)}.")
    for title, (fields, _) in groups.items():
        box = st.expander(title, key=f"{GROUP} {title}", on_change="rerun")
        if box.open:
            with box:
                fields(draft, method)


def field(draft: Draft, name: str) -> dict[str, Any]:
    """For a field that who may not make props can't set, with its one line of help."""
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=field_help.line(name))}


def _plain(settings: Settings) -> dict[str, Any]:
    told = all_settings.to_json(settings)
    return {name: value for name, value in told.items() if name not in ("schema", "method")}


def _shape(draft: Draft, method: str) -> None:
    st.slider(field_help.label("depth"), 0.01, DEEPEST, step=0.01, **field(draft, "depth"))
    if method in BEVELLED:
        st.slider(field_help.label("bevel"), 0.0, 1.0, step=0.05, **field(draft, "bevel"))
    st.slider(field_help.label("detail"), 0.0, 1.0, step=0.05, **field(draft, "detail"))


def _back(draft: Draft, method: str) -> None:
    _one_of("back", field_help.BACKS, draft)
    way = drafts.value(draft, "back")
    if way == "colour":
        st.color_picker(field_help.label("back_colour"), **field(draft, "back_colour"))
    elif way == "picture":
        _back_picture(draft)


def _back_picture(draft: Draft) -> None:
    """A picture of one's own for the back, as large as the front is best."""
    if hash := drafts.value(draft, "back_picture"):
        ui.pictures([Shown(f"/picture/start/{hash}", "", alt="The back")], 96)
    dropped = st.file_uploader(
        "Picture of the back",
        type=["png", "webp", "jpg", "jpeg"],
        key=f"props-back {draft.subject} {st.session_state.get('props-backs', 0)}",
        **ui.only(RIGHT, help="As it is seen from behind, in the size of the front."),
    )
    if dropped is None:
        return
    st.session_state["props-backs"] = st.session_state.get("props-backs", 0) + 1
    studio, by = session.studio(), ui.person()
    try:
        start_room.check(studio, by)
        kept = start_pictures.keep(studio.home, dropped.getvalue(), dropped.name, by=by)
    except StudioError as error:
        ui.failed(error)
        return
    drafts.put(draft, back_picture=kept)
    st.rerun(scope="fragment")


def _pivot(draft: Draft, method: str) -> None:
    _one_of("pivot", field_help.PIVOTS, draft)


def _edges(draft: Draft, method: str) -> None:
    _one_of("alpha", field_help.ALPHAS, draft)
    _one_of("shadow", field_help.SHADOWS, draft)
    st.text_input(
        field_help.label("matte"), max_chars=7, placeholder="#rrggbb", **field(draft, "matte")
    )


def _normals(draft: Draft, method: str) -> None:
    label = field_help.label("normal_strength")
    st.slider(label, 0.0, STRONGEST, step=0.1, **field(draft, "normal_strength"))
    _one_of("normal_y", field_help.GREENS, draft)


def _one_of(name: str, labels: Mapping[str, str], draft: Draft) -> None:
    st.segmented_control(
        field_help.label(name),
        list(labels),
        format_func=labels.__getitem__,
        required=True,
        **field(draft, name),
    )


def take(
    studio: context.Studio, subject: str, settings: Mapping[str, Any], edits: Sequence[Any]
) -> str:
    """Put settings of a prop of before, and the edits that followed, into the fields, once, as if
    somebody had; their method."""
    method = str(settings.get("method") or "")
    with refusals.kept():
        draft = begin(studio, subject, method)
        told = {name: settings[name] for name in draft.saved if name in settings}
        drafts.put(draft, **{**told, EDITS: list(edits)})
    return method
