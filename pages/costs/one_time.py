"""Costs that no call makes: entered by hand, and taken back where that was a mistake."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.costs import fields
from studio import context
from studio.charges import by_hand, money, reasons, report
from studio.charges.charge import WHAT, Charge
from studio.charges.money import grouped
from studio.charges.prices import RIGHT
from studio.web import addresses, drafts, ui
from studio.web.drafts import Draft

KEY = "one-time-key"
FIELDS = {"what": "", "amount": "", "currency": "EUR", "month": "", "style": ""}
MOST = 200


def shown(studio: context.Studio) -> None:
    """A form for a new one, and those that were entered."""
    st.header("One-time costs")
    st.caption("A licence, a commission, a machine that was bought. No limit counts them.")
    left, right = st.columns([2, 3], gap="large")
    with left:
        _form()
    with right:
        found = report.newest(studio.engine, source="by hand", most=MOST, by=ui.person())
        if found:
            _table(found)
            _taking_back([one for one in found if one.state != "withdrawn"])
        else:
            st.caption("None was entered yet.")


def _table(found: Sequence[Charge]) -> None:
    st.dataframe(
        [
            {
                "charge": one.id,
                "month": one.month,
                "amount": grouped(one.estimate, one.currency),
                "currency": one.currency,
                "what": one.what,
                "style": one.style,
                "state": one.state,
                "entered by": one.person,
            }
            for one in found
        ],
        column_config={**fields.amounts("amount"), "what": st.column_config.TextColumn(width=200)},
        hide_index=True,
    )


def _form() -> None:
    draft = drafts.begin("one-time cost", FIELDS)
    for name, label, help, length in (
        ("what", "What it was for", "A licence, a commission.", WHAT),
        ("amount", "Amount", "With a point, as 12.50.", 20),
        ("currency", "Currency", "As ISO 4217 has it: EUR, USD, JPY.", 3),
        ("month", "Month", "In which it counts, as 2026-11; empty: this one.", 7),
        ("style", "Style", "Where it was for one.", 63),
    ):
        fields.text(draft, name, label, help, length)
    fields.tell_unknown_style(drafts.value(draft, "style"))
    st.session_state.setdefault(KEY, secrets.token_hex(8))
    st.button("Enter", type="primary", on_click=_enter, args=(draft,), **ui.only(RIGHT))
    drafts.tell(draft)


def _enter(draft: Draft) -> None:
    if done("The cost is entered.", _entered, draft):
        drafts.drop(draft)
        st.session_state.pop(KEY, None)


def _entered(engine: Engine, draft: Draft, *, by: str, now: datetime) -> None:
    what, amount, currency, month, style = (drafts.value(draft, name) for name in FIELDS)
    by_hand.enter(
        engine,
        money.read(amount, currency),
        what,
        key=st.session_state[KEY],
        month=month.strip(),
        style=style.strip(),
        by=by,
        now=now,
    )


def _taking_back(found: Sequence[Charge]) -> None:
    """For a mistake: it counts nothing from then on, and stays to be seen."""
    if not found:
        return
    known = {one.id: one for one in found}
    st.subheader("Take one back")
    id = st.selectbox(
        "Charge",
        list(known),
        format_func=lambda id: f"{id}: {known[id].what}, {known[id].amount}",
        **addresses.one_of("charge", list(known)),
    )
    draft = drafts.begin(f"withdraw cost/{id}", {"why": ""})
    fields.text(draft, "why", "Reason", "It is kept.", reasons.LENGTH.stop - 1)
    st.button("Take back", on_click=_take_back, args=(id, draft), **ui.only(RIGHT))
    drafts.tell(draft, "the reason")


def _take_back(id: int, draft: Draft) -> None:
    if done("It is taken back.", by_hand.withdraw, id, why=drafts.value(draft, "why")):
        drafts.drop(draft)
