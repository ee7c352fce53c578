"""What of each style's promises is met this month, with the way to the report."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.charges.charge import month_of
from studio.database import engine as db
from studio.review import success as values
from studio.review.success import Figure
from studio.web import session, ui
from studio.workflows import success, success_gathering

MOST = 3  # styles
SIGNS = {
    "met": ":green[:material/check_circle:]",
    "not met": ":red[:material/cancel:]",
    "not shown": ":gray[:material/help:]",
}


def shown(studio: context.Studio) -> None:
    """The first three figures of the styles that something was drawn in this month; nothing where
    nothing was."""
    month = month_of(context.now())
    found = _figures(str(studio.home), db.revision(studio.engine), month, ui.person())
    if not found:
        return
    st.header("What was promised")
    with st.container(border=True, key="success-card"):
        for style, figures in found[:MOST]:
            lines = [f"**{ui.plain(style)}**", *map(_line, figures)]
            st.markdown("  \n".join(lines))
        st.page_link(
            "pages/Report.py",
            label="Report",
            icon=":material/fact_check:",
            query_params={"style": found[0][0], "month": month},
        )


def _line(one: Figure) -> str:
    value = "" if one.value is None else f" {values.said(one.value, one.unit)}"
    return f"{SIGNS[one.state]} {one.name}:{ui.plain(value)} ({one.state}, {one.n:,})"


@st.cache_data(max_entries=2, show_spinner=False)
def _figures(home: str, revision: int, month: str, _who: str) -> list[tuple[str, list[Figure]]]:
    """By style, those with the most pictures of the month first; read anew when anything
    changes."""
    studio = session.studio()
    counts = success_gathering.counts(studio.engine, month)
    styles = sorted(counts, key=lambda style: (-counts[style], style))[:MOST]
    return [(one, success.headlines(studio, one, month, by=_who)) for one in styles]
