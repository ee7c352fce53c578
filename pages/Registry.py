"""Styles, their versions and stages, what speaks for each, and who did what."""

import streamlit as st

from pages.registry import (
    gates_form,
    history,
    lora_files,
    move_dialog,
    moves,
    recipe_form,
    requests_list,
    rollout_state,
    version_card,
    version_list,
)
from studio import context
from studio.registry import places
from studio.registry.rollout_records import current
from studio.registry.stage_state import fold
from studio.registry.stages import history as ledger_rows
from studio.web import addresses, page_frame, record_cache, ui

VERSIONS, RELEASE, GATES, RECIPE = "Versions", "Release", "Gates", "Recipe"
HISTORY, FILES = "History", "LoRA files"
PARTS = (VERSIONS, RELEASE, GATES, RECIPE, HISTORY, FILES)


def look(studio: context.Studio, style: str, part: str) -> None:
    """One style: what is in production, its versions, their release, gates and history."""
    found = {v.number: v for v in record_cache.versions(style)}
    rows = ledger_rows(studio.engine, style)
    where = places.as_of(fold(rows), current(studio.engine, style))
    moves.live(style, where, rows)
    if part == HISTORY:
        history.look(studio, rows)
    elif part == GATES:
        gates_form.look(studio, style, found, where)
    elif part == RECIPE:
        recipe_form.look(studio, style, sorted(found.values(), key=lambda v: -v.number))
    elif part == RELEASE:
        requests_list.look(studio, style, where)
        rollout_state.look(studio, style, where)
    else:
        narrow, wide = st.container(key="versions").columns([2, 5], gap="medium")
        with narrow:
            number = version_list.look(studio, style, found, where)
        with wide:
            version_card.look(studio, found, found[number], where)
        version_card.evidence_of(studio, found[number])
    move_dialog.look(style, found, where)


ABOUT = "Every version of every style: what it is worth and where it is used."
with page_frame.page("Versions", ABOUT) as studio:
    moves.told()
    styles = sorted({v.style for v in record_cache.versions()})
    ui.gone("style", styles, "style {}")
    style = ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # "One version" and "All versions" of older links are both the first.
        part = st.segmented_control(
            "Show",
            PARTS,
            required=True,
            label_visibility="collapsed",
            **addresses.one_of("show", PARTS),
        )
        if styles and part != FILES:  # files are listed and mixed across styles
            style = st.selectbox("Style", styles, width=240, **addresses.one_of("style", styles))
    if part == FILES:
        lora_files.look(studio)
    elif style:
        look(studio, style, part)
    else:
        st.info("There is no style yet. A style is learned from pictures of yours.")
        st.page_link("pages/Train.py", label="Train the first", icon=":material/model_training:")
