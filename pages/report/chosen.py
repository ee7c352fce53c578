"""Which style and which month are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from studio import context
from studio.charges.charge import month_of
from studio.web import addresses, record_cache, ui
from studio.workflows import success_gathering

ALL = "All months"


@dataclass(frozen=True)
class Chosen:
    """A style, "" where there is none yet, and a month, "" for all."""

    style: str
    month: str


def choice(studio: context.Studio, everything: bool = False) -> Chosen:
    """What is chosen; `everything`: what is shown is of no style, so nothing is to be chosen. At
    first the first style that something was drawn in, and all months."""
    drawn = success_gathering.styles(studio.engine)
    styles = list(dict.fromkeys((*drawn, *(one.style for one in record_cache.versions()))))
    if everything or not styles:
        return Chosen("", "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ui.gone("style", styles, "style {}")
        style = st.selectbox("Style", styles, width=260, **addresses.one_of("style", styles))
        now = month_of(context.now())
        known = {now, *success_gathering.months(studio.engine, str(style))}
        options = [ALL, *sorted(known, reverse=True)]
        month = st.selectbox(
            "Month", options, width=200, help="By UTC.", **addresses.one_of("month", options)
        )
    return Chosen(str(style), "" if month == ALL else str(month))
