"""Who did what to a style and why, with the gates as they stood then."""

from __future__ import annotations

import streamlit as st

from pages.registry import gates
from studio import context
from studio.database.ledger import LedgerRow
from studio.registry import gate_records, history_text
from studio.web import addresses, ui

ROWS = 25


def look(studio: context.Studio, rows: list[LedgerRow]) -> None:
    """The rows of a style, the newest first, some at a time."""
    if not rows:
        st.caption("Nothing has been done yet.")
    pages = max(1, -(-len(rows) // ROWS))
    page = 1
    if pages > 1:
        page = st.pagination(pages, **addresses.one_of("rows", range(1, pages + 1)))
    shown = rows[::-1][(page - 1) * ROWS : page * ROWS]
    checked = gate_records.of(studio.engine, [row.id for row in shown])
    for row in shown:
        with st.container(border=True):
            lines = [
                f"**{ui.plain(history_text.sentence(row))}** · {ui.moment(row.at)}",
                ui.plain(history_text.reason(row)),
            ]
            st.markdown("  \n".join(filter(None, lines)))
            held = checked.get(row.id, [])
            gates.shown([one for one, _ in held])
            for why, names in history_text.overridden(held):
                st.markdown(f"**Overridden** {ui.plain(', '.join(names))}: {ui.plain(why)}")
