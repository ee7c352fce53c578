"""The reference picture of an IP-Adapter: every tile is drawn in its look."""

from __future__ import annotations

import streamlit as st

from pages.upscale import field_help
from pages.upscale.which import FILES, MEGABYTES, RIGHT
from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown

SIDE = 96
DROPS = "upscale-references"


def show(draft: Draft) -> None:
    """The one that is chosen, and a place for another."""
    chosen = drafts.value(draft, "reference")
    if chosen:
        with st.container(horizontal=True, vertical_alignment="center"):
            ui.pictures([Shown(f"/picture/start/{chosen}", alt="The reference picture")], SIDE)
            st.button("Without it", on_click=_put, args=(draft, ""), **ui.only(RIGHT))
    dropped = st.file_uploader(
        field_help.label("reference"),
        type=FILES,
        key=f"{DROPS} {st.session_state.get(DROPS, 0)}",
        max_upload_size=MEGABYTES,
        **ui.only(RIGHT, help=field_help.line("reference")),
    )
    if dropped is None:
        return
    st.session_state[DROPS] = st.session_state.get(DROPS, 0) + 1
    studio, by = session.studio(), ui.person()
    try:
        start_room.check(studio, by)
        kept = start_pictures.keep(studio.home, dropped.getvalue(), dropped.name, by=by)
    except StudioError as error:
        ui.failed(error)
        return
    drafts.put(draft, reference=kept)
    st.rerun()


def _put(draft: Draft, hash: str) -> None:
    drafts.put(draft, reference=hash)
