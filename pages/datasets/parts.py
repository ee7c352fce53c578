"""The page's parts in groups. The address names the part alone (`tab`), as it did when all ten
stood in a row."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.datasets import (
    caption_proposals,
    consent,
    dataset_statistics,
    growth,
    mask_editor,
    new_dataset,
    picture_grid,
    presentation_form,
    upload,
    version_comparison,
    version_history,
)
from studio import context
from studio.web import addresses

Part = Callable[[context.Studio, str], None]
GROUPS: dict[str, dict[str, Part]] = {
    "Pictures": {
        "Pictures": picture_grid.tab,
        "Add": upload.tab,
        "Masks": mask_editor.tab,
        "Grow": growth.tab,
    },
    "Captions": {"Captions": caption_proposals.tab},
    "Quality": {"Statistics": dataset_statistics.tab, "Consent": consent.tab},
    "Versions": {"Versions": version_history.tab, "Compare": version_comparison.tab},
    "Settings": {"Look": presentation_form.tab},
}
NAMES = {"Pictures": "All pictures", "Versions": "History"}  # within their groups


def show(studio: context.Studio, name: str) -> None:
    """The group of the chosen part is open; what is not looked at costs nothing."""
    known = [part for group in GROUPS.values() for part in group]
    addresses.one_of("tab", [*known, "New"])
    chosen = st.session_state["tab"]
    if chosen == "New":
        new_dataset.form(studio)
        return
    now = next(group for group, parts in GROUPS.items() if chosen in parts)
    if st.session_state.get("group") != now:
        st.session_state["group"] = now
    for box, parts in zip(
        st.tabs(list(GROUPS), key="group", on_change=_opened), GROUPS.values(), strict=True
    ):
        if box.open:
            with box:
                if len(parts) > 1:
                    st.segmented_control(
                        "Part",
                        list(parts),
                        format_func=lambda part: NAMES.get(part, part),
                        required=True,
                        key="tab",
                        label_visibility="collapsed",
                        wrap=True,
                    )
                parts[chosen](studio, name)


def _opened() -> None:
    """Another group: its first part."""
    st.session_state["tab"] = next(iter(GROUPS[st.session_state["group"]]))
