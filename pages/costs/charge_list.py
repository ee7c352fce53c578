"""The charges one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import streamlit as st

from pages.costs import fields, months
from studio import context
from studio.charges import report
from studio.charges.charge import Charge, State
from studio.charges.money import grouped
from studio.web import addresses, ui

MOST = 200
ALL = "All"


def shown(studio: context.Studio) -> None:
    """The newest of a month and a state."""
    states = [ALL, *get_args(State)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        month = months.choice(studio)
        state = st.selectbox(
            "State",
            states,
            format_func=str.capitalize,
            width=200,
            **addresses.one_of("state", states, unsaid=ALL),
        )
    wanted = "" if state == ALL else str(state)
    found = report.newest(studio.engine, month, wanted, most=MOST, by=ui.person())
    if not found:
        st.caption("No such charge.")
        return
    _table(found)
    if len(found) == MOST:
        st.caption(f"The newest {MOST}; the CSV has all.")


def _table(found: Sequence[Charge]) -> None:
    st.dataframe(
        [
            {
                "charge": one.id,
                "at": ui.moment(one.made_at),
                "state": one.state,
                "estimate": grouped(one.estimate, one.currency),
                "actual": "" if one.actual is None else grouped(one.actual, one.currency),
                "currency": one.currency,
                "what": one.what,
                "style": one.style,
                "kind": one.kind,
                "person": one.person,
                "where": one.machine or one.provider,
                "prices": one.prices,
                "job": "" if one.job is None else str(one.job),
            }
            for one in found
        ],
        column_config={
            **fields.amounts("estimate", "actual"),
            "what": st.column_config.TextColumn(width=200),
        },
        hide_index=True,
    )
