"""Which colours: those that are proposed, a stored palette's, a file's, or any."""

from __future__ import annotations

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.finishing import palette_files, palettes
from studio.web import drafts, markup, session, ui
from studio.web.drafts import Draft
from studio.workflows.finishing import RIGHT

KEY, FILE = "finish-palette", "finish-palette-file"
ANY, PROPOSED, OWN = "any", "proposed", "own"
FILES = ["hex", "gpl", "pal", "txt", "ase", "act", "png"]


def show(studio: context.Studio, draft: Draft) -> None:
    """The choice, the colours that it means, and a place for a file."""
    colours, mark = drafts.value(draft, "colours"), drafts.value(draft, "palette")
    stored = {one.mark: one for one in palettes.listing(studio.engine)}
    options = {ANY: "Any colours"}
    proposed = list(draft.saved["colours"])
    if proposed:
        named = draft.saved["palette"]
        options[PROPOSED] = f"Proposed: {named or f'{len(proposed)} colours'}"
    options |= {one.mark: f"{one.mark}, {len(one.colours)} colours" for one in stored.values()}
    now = ANY if not colours else PROPOSED if colours == proposed else mark
    if now not in options:  # of a file, or of a palette that was withdrawn or went on since
        now = OWN
        options[OWN] = f"{mark or 'From a file'}, {len(colours)} colours"
    st.session_state[KEY] = now
    st.selectbox(
        "Palette",
        list(options),
        format_func=options.__getitem__,
        key=KEY,
        on_change=_choose,
        args=(draft,),
        **ui.only(RIGHT, help="Each opaque pixel takes its nearest colour, by OKLab."),
    )
    if colours:
        st.html(markup.colours(colours))
    if now == OWN and mark:
        st.caption(
            f"{ui.plain(mark)} is not the newest of its name, or was withdrawn; its colours "
            "stand in the steps."
        )
    dropped = st.file_uploader(
        "A palette from a file",
        type=FILES,
        key=f"{FILE} {st.session_state.get(FILE, 0)}",
        **ui.only(RIGHT),
    )
    if dropped is not None:
        st.session_state[FILE] = st.session_state.get(FILE, 0) + 1
        try:
            found = palette_files.read(dropped.getvalue(), dropped.name)
        except StudioError as error:
            ui.failed(error)
            return
        st.session_state["finish-said"] = list(found.remarks)
        drafts.put(draft, colours=list(found.table.colours), palette="")
        st.rerun()


def _choose(draft: Draft) -> None:
    chosen = st.session_state[KEY]
    if chosen == ANY:
        drafts.put(draft, colours=[], palette="")
    elif chosen == PROPOSED:
        drafts.put(draft, colours=list(draft.saved["colours"]), palette=draft.saved["palette"])
    elif chosen != OWN:
        with refusals.kept():
            found = palettes.named(session.studio().engine, chosen)
            drafts.put(draft, colours=list(found.colours), palette=found.mark)
