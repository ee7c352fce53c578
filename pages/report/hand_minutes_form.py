"""How long one of each category takes by hand: what was said, and the form."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.report.chosen import Chosen
from studio import context
from studio.review import hand_minutes
from studio.review.hand_minutes import ANY, RIGHT, WHY
from studio.web import addresses, drafts, ui
from studio.web.drafts import Draft
from studio.workflows import success_gathering, success_money


def shown(studio: context.Studio, asked: Chosen) -> None:
    """What was said, and the form for one category."""
    st.caption(
        "What one picture takes without the studio, as the team knows it. Time saved is held "
        "against it: from the request to the first export. Set it once: a change changes every "
        "month's figure, and stands in the ledger."
    )
    found = hand_minutes.listing(studio.engine)
    if found:
        st.dataframe(
            [
                {
                    "category": "all others" if one.category == ANY else one.category,
                    "minutes": f"{one.minutes:g}",
                    "reason": one.why,
                    "by": one.by,
                    "set": ui.moment(one.at),
                }
                for one in found
            ],
            hide_index=True,
        )
    if success_money.minute_of(studio.engine, context.now()) is None:
        st.caption(
            "What an hour of people's work costs is not known, so cost and return are not shown: "
            f"a producer keeps it on Costs, Prices, as {success_money.ARTIST} per hour in a list "
            f"called {success_money.PEOPLE}."
        )
    _form(studio, {one.category: one.minutes for one in found})


def _form(studio: context.Studio, known: dict[str, float]) -> None:
    drawn = success_gathering.categories(studio.engine)
    options = [*dict.fromkeys((*drawn, *(name for name in known if name != ANY))), ANY]
    category = st.selectbox(
        "Category",
        options,
        format_func=lambda name: "All others" if name == ANY else name,
        width=260,
        help="Of a list's line.",
        **addresses.one_of("category", options),
    )
    name = str(category)
    held = known.get(name)
    saved = {"minutes": "" if held is None else f"{held:g}", "why": ""}
    draft = drafts.begin(f"hand minutes/{name}/{held or 0:g}", saved)
    st.text_input(
        "Minutes by hand",
        max_chars=10,
        width=160,
        **{**ui.only(RIGHT), **drafts.field(draft, "minutes")},
    )
    st.text_input(
        "How that is known",
        max_chars=WHY,
        **{**ui.only(RIGHT, help="It is kept in the ledger."), **drafts.field(draft, "why")},
    )
    st.button(
        "Save the minutes",
        type="primary",
        on_click=_save,
        args=(name, held, draft),
        **ui.only(RIGHT),
    )
    drafts.tell(draft)


def _save(category: str, held: float | None, draft: Draft) -> None:
    if done("The minutes are saved.", _saved, category, held, draft):
        drafts.drop(draft)


def _saved(
    engine: Engine, category: str, held: float | None, draft: Draft, *, by: str, now: datetime
) -> None:
    hand_minutes.put(
        engine,
        category,
        drafts.value(draft, "minutes"),
        before=held,
        why=drafts.value(draft, "why"),
        by=by,
        now=now,
    )
