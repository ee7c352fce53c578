"""Which colours: the recipe's, a stored palette's, a file's, or any."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.web import drafts, markup, ui
from studio.web.drafts import Draft
from studio.workflows.finishing import RIGHT

KEY = "finish-palette"
ANY, PROPOSED, OWN = "", "proposed", "own"


def show(studio: context.Studio, draft: Draft) -> None:
    """The choice, the colours that it means, and a place for a file."""
    colours = drafts.value(draft, "colours")
    options = {ANY: "Any colours"}
    if draft.saved["colours"]:
        options[PROPOSED] = draft.saved["palette"] or f"Proposed, {len(draft.saved['colours'])}"
    if colours and colours != draft.saved["colours"]:
        options[OWN] = drafts.value(draft, "palette") or f"From a file, {len(colours)}"
    st.session_state[KEY] = (
        ANY if not colours else PROPOSED if colours == draft.saved["colours"] else OWN
    )
    st.selectbox(
        "Palette",
        list(options),
        format_func=lambda one: ui.plain(options[one]),
        key=KEY,
        on_change=_choose,
        args=(draft,),
        **ui.only(RIGHT, help="Each pixel takes the nearest colour of it, in OKLab."),
    )
    if colours:
        st.html(markup.colours(colours))


def _choose(draft: Draft) -> None:
    chosen = st.session_state[KEY]
    if chosen == ANY:
        drafts.put(draft, colours=[], palette="")
    elif chosen == PROPOSED:
        drafts.put(draft, colours=draft.saved["colours"], palette=draft.saved["palette"])
