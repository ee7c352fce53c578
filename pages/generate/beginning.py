"""A picture to begin from, and how much of it may change: all of it, or a part that is painted."""

from typing import Any

import streamlit as st

from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.web import components, session, ui
from studio.web.markup import Shown

HINT = "Drop or paste (Ctrl+V) a picture anywhere here, or open one of the gallery and choose it."


def beginning() -> dict[str, Any]:
    """What a drawing is told of it; nothing where none is chosen. StudioError where a part is to
    change and nothing is painted."""
    studio, state = session.studio(), st.session_state
    start = _there(state["start"])
    if start and state.get("began") != start:  # chosen elsewhere, it is shown
        state["begin"] = True
    state["began"] = state["start"] = start
    box = st.expander(
        "Begin from a picture", key="begin", on_change="rerun", icon=":material/image:"
    )
    with box:
        if box.open and not start:
            st.caption(HINT)
            dropped = st.file_uploader(
                "A picture",
                type=["png", "jpg", "jpeg", "webp"],
                key=f"drop-{state.get('drops', 0)}",
                label_visibility="collapsed",
                **ui.only("generate"),
            )
            if dropped is not None:
                state["drops"] = state.get("drops", 0) + 1
                data, by = dropped.getvalue(), ui.person()
                start_room.check(studio, by)
                begin_from(start_pictures.keep(studio.home, data, dropped.name, by=by))
                st.rerun()
        if box.open and start:
            with st.container(horizontal=True, vertical_alignment="center"):
                shown = Shown(f"/picture/start/{start}", alt="The picture to begin from")
                ui.pictures([shown], 96)
                st.button("Begin without it", on_click=begin_from, args=("",))
            st.toggle(
                "Change only a part of it",
                key="part",
                help="Inpainting: what you paint on it is drawn anew, the rest stays as it is.",
            )
            low, high = min(0.05, state["change"]), 1.0
            st.slider(
                "How much may change",
                low,
                high,
                step=0.05,
                key="change",
                help="Denoising strength: near 0 it stays as it is, at 1 nothing of it is left.",
            )
    if not start:
        return {}
    return {"start": start, "change": state["change"]}


def begin_from(start: str) -> None:
    """Begin from this kept picture, as a whole; "": from none."""
    st.session_state.update(start=start, part=False, mask="")


def is_part() -> bool:
    """Whether a part of a picture is to change."""
    return bool(st.session_state.get("start") and st.session_state.get("part"))


def easel() -> None:
    """The picture, large, to paint on what is drawn anew."""
    studio, state = session.studio(), st.session_state
    start = state["start"]
    width, height = start_pictures.size_of(studio.home, start)
    st.markdown("**Paint what is to be drawn anew**")
    data = {
        "set": "part",
        "hash": start,
        "file": "The picture",
        "url": f"/picture/start/{start}",
        "width": width,
        "height": height,
        "mask": state.get("mask", ""),
        "masks": "/picture/part",
        "save": f"/part/{start}",
        "empty": 0,
        "person": str(ui.person()),
        "editable": ui.may("generate"),
        "small": False,
    }
    components.screen("mask")(key="part-easel", data=data, on_said_change=_painted)


def _painted() -> None:
    said = st.session_state["part-easel"].said
    if isinstance(said, dict) and isinstance(said.get("saved"), str):
        st.session_state["mask"] = said["saved"]


def mask_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The mask for a drawing that begins so; StudioError where nothing is painted."""
    state = st.session_state
    if not asked or not is_part():
        return {}
    if not state["mask"]:
        raise StudioError(
            "Nothing is painted.",
            "Paint what is to be drawn anew, or switch off “Change only a part of it”.",
        )
    return {"mask": state["mask"]}


def _there(start: str) -> str:
    """The kept picture's hash; "" where it is gone."""
    try:
        return start if start and start_pictures.path(session.studio().home, start) else ""
    except StudioError:
        return ""
