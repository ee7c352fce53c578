"""Which month is looked at."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.charges import report
from studio.charges.charge import month_of
from studio.web import addresses

ALL = "All months"


def choice(studio: context.Studio) -> str:
    """The chosen month, "2026-11"; "" for all. At first it is this one."""
    now = month_of(context.now())
    known = sorted({now, *report.months(studio.engine)}, reverse=True)
    options = [*known, ALL]
    chosen = st.selectbox(
        "Month", options, width=200, help="By UTC.", **addresses.one_of("month", options, first=now)
    )
    return "" if chosen == ALL else str(chosen)
