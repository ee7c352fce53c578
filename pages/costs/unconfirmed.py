"""Calls whose answer or cost was lost: what they may cost, and the way to settle each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.costs import fields
from studio import context
from studio.charges import money, reasons, settling
from studio.charges.charge import Charge
from studio.charges.prices import RIGHT
from studio.web import drafts, ui
from studio.web.drafts import Draft

AT_ONCE = 20


def shown(studio: context.Studio) -> None:
    """The oldest of them, each with a form; then those that were taken, and whose cost nobody
    said."""
    st.header("Unconfirmed calls")
    st.caption(
        "Sent, and the answer was lost: the provider may have taken it or not. Nothing is sent "
        "again by itself. Look for the token on the provider's own pages or bill, then say what "
        "it cost."
    )
    found = settling.unconfirmed(studio.engine)
    if not found:
        st.caption("Every call is confirmed.")
    _listed(found)
    if late := settling.without_cost(studio.engine, context.now()):
        st.subheader("Taken, and the cost is not known")
        st.caption(
            "The provider took them over a day ago, and nobody said what they cost: their jobs "
            "were cancelled or failed, say."
        )
        _listed(late)


def _listed(found: Sequence[Charge]) -> None:
    for one in found[:AT_ONCE]:
        with st.container(border=True):
            _one(one)
    if len(found) > AT_ONCE:
        st.caption(f"And {len(found) - AT_ONCE} more, once these are settled.")


def _one(charge: Charge) -> None:
    sent = ui.moment(charge.sent_at or charge.made_at)
    st.markdown(
        f"**{ui.plain(charge.what)}** at {ui.plain(charge.provider)}, for "
        f"{ui.plain(charge.person)}, sent {sent}  \nIt may cost **{charge.amount}**."
    )
    if charge.note:
        st.caption(ui.plain(charge.note))
    number = f"; its number there is {ui.plain(charge.reference)}" if charge.reference else ""
    st.caption(f"Our token for it there{number}")
    st.code(charge.token or "", language=None)
    draft = drafts.begin(f"settle/{charge.id}", {"amount": "", "why": ""})
    st.text_input(
        f"It cost, in {charge.currency}",
        max_chars=20,
        width=240,
        placeholder=money.plain(charge.estimate, charge.currency),
        **{**ui.only(RIGHT, help="0 where it never arrived."), **drafts.field(draft, "amount")},
    )
    kept = "The reason, which is kept."
    fields.text(draft, "why", "How you know", kept, reasons.LENGTH.stop - 1)
    st.button(
        "Settle",
        key=f"settle-{charge.id}",
        on_click=_settle,
        args=(charge, draft),
        **ui.only(RIGHT),
    )
    drafts.tell(draft)


def _settle(charge: Charge, draft: Draft) -> None:
    if done("The call is settled.", _settled, charge, draft):
        drafts.drop(draft)


def _settled(engine: Engine, charge: Charge, draft: Draft, *, by: str, now: datetime) -> None:
    amount = money.read(drafts.value(draft, "amount"), charge.currency)
    settling.settle(engine, charge.id, amount, why=drafts.value(draft, "why"), by=by, now=now)
