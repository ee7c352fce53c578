"""Fields as wide as what is written into them, and columns of amounts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio.charges.prices import RIGHT
from studio.web import drafts, record_cache, ui
from studio.web.drafts import Draft

SHORT = 20  # letters of the longest amount


def text(draft: Draft, name: str, label: str, help: str, length: int) -> None:
    """A line of at most `length` letters, for who may change costs."""
    st.text_input(
        label,
        max_chars=length,
        width=240 if length <= SHORT else "stretch",
        **{**ui.only(RIGHT, help=help), **drafts.field(draft, name)},
    )


def tell_unknown_style(written: str) -> None:
    """Says that no style is called so yet: what is misspelt counts for none, without a word."""
    name = " ".join(written.split())
    if name and name not in {one.style for one in record_cache.versions()}:
        st.caption(f"No style {ui.plain(name)} has a version yet. Look at its spelling.")


def amounts(*names: str) -> dict[str, Any]:
    """The settings of a table's columns of amounts: their points stand below each other."""
    return {name: st.column_config.TextColumn(alignment="right") for name in names}
