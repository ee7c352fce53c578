"""What may be spent in a month: the limits, what is used of each, and the form that sets one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.costs import fields
from studio import context
from studio.charges import currencies, limits, money, reasons
from studio.charges.charge import month_of
from studio.charges.limits import EACH, PERSON, RIGHT, STUDIO, STYLE
from studio.charges.money import grouped
from studio.web import addresses, drafts, ui
from studio.web.drafts import Draft

LABELS = {STUDIO: "All calls", STYLE: "A style", PERSON: "A person"}
NO_LIMIT = "none"
Seen = Mapping[tuple[str, str, str], int]


def shown(studio: context.Studio) -> None:
    """The limits as they stand, and the form."""
    st.header("Limits")
    st.caption(
        "What calls may cost in a calendar month (UTC), in each currency for itself: what would "
        "go beyond is refused before it is sent. Without a limit for all calls nothing is spent. "
        "Hours of own machines and one-time costs are not counted."
    )
    found = limits.standing(studio.engine, context.now())
    if found:
        month = month_of(context.now())
        st.dataframe(
            [
                {
                    "for": LABELS[one.limit.scope],
                    "name": "each" if one.limit.name == EACH else one.limit.name,
                    "currency": one.limit.currency,
                    "limit a month": grouped(one.limit.amount or 0, one.limit.currency),
                    f"used in {month}": ""
                    if one.used is None
                    else grouped(one.used, one.limit.currency),
                    "set by": one.limit.by,
                    "reason": one.limit.why,
                }
                for one in found
            ],
            column_config=fields.amounts("limit a month", f"used in {month}"),
            hide_index=True,
        )
    else:
        st.info("No limit is set: no call that costs is made.", icon=":material/block:")
    _form(limits.seen(studio.engine))


def _form(seen: Seen) -> None:
    st.subheader("Set a limit")
    scope = st.segmented_control(
        "For",
        list(LABELS),
        required=True,
        format_func=LABELS.__getitem__,
        **{**ui.only(RIGHT), **addresses.one_of("scope", list(LABELS))},
    )
    saved = {"name": "", "amount": "", "currency": "EUR", "why": ""}
    draft = drafts.begin(f"limit/{scope}", saved)
    asked = [
        ("amount", "Limit a month", f"As 12.50; {NO_LIMIT} takes the limit away.", 20),
        ("currency", "Currency", "As ISO 4217 has it: EUR, USD, JPY.", 3),
        ("why", "Reason", "It is kept in the ledger.", reasons.LENGTH.stop - 1),
    ]
    if scope != STUDIO:
        each = f"{EACH} stands for each {scope} that has no limit of its own."
        asked.insert(0, ("name", f"Name of the {scope}", each, limits.NAME))
    for name, label, help, length in asked:
        fields.text(draft, name, label, help, length)
    if scope == STYLE and drafts.value(draft, "name").strip() != EACH:
        fields.tell_unknown_style(drafts.value(draft, "name"))
    st.button(
        "Set the limit",
        type="primary",
        on_click=_set,
        args=(str(scope), draft, seen),
        **ui.only(RIGHT),
    )
    drafts.tell(draft)


def _set(scope: str, draft: Draft, seen: Seen) -> None:
    if done("The limit is set.", _saved, scope, draft, seen):
        drafts.drop(draft)


def _saved(engine: Engine, scope: str, draft: Draft, seen: Seen, *, by: str, now: datetime) -> None:
    typed = "" if scope == STUDIO else drafts.value(draft, "name")
    name = limits.named(engine, scope, typed, by=by)
    code = currencies.checked(drafts.value(draft, "currency"))
    written = drafts.value(draft, "amount").strip()
    amount = None if written.lower() == NO_LIMIT else money.read(written, code).micros
    limits.save(
        engine,
        scope,
        name,
        code,
        amount,
        after=seen.get((scope, name, code), 0),
        why=drafts.value(draft, "why"),
        by=by,
        now=now,
    )
