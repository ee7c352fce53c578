"""Two or more adapters of one base become a new candidate, each with its weight."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.adapters import upload
from pages.adapters.listing import name
from studio import context
from studio.errors import StudioError
from studio.registry import imported_adapters
from studio.web import addresses, drafts, record_cache, session, ui
from studio.web.drafts import Draft
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds


def look(studio: context.Studio) -> None:
    """The choice of adapters, their weights, and the style of the result."""
    found = {name(v): v for v in record_cache.versions() if kinds.is_adapter(v)}
    chosen = st.multiselect(
        "Adapters to merge",
        list(found),
        max_selections=8,
        **addresses.some_of("merge", list(found)),
    )
    weights = {
        one: st.slider(f"Weight of {ui.plain(one)}", -2.0, 2.0, 1.0, 0.05, key=f"weight-{one}")
        for one in chosen
    }
    left, right = st.columns(2)
    draft = drafts.begin("merge", {"style": "", "word": ""})
    may = ui.only(imported_adapters.RIGHT)
    style = left.text_input(
        "Style that the result becomes a version of",
        max_chars=63,
        **drafts.field(draft, "style"),
        **may,
    )
    word = right.text_input("Trigger word", max_chars=100, **drafts.field(draft, "word"), **may)
    exact = st.checkbox("Exact: the ranks add up", value=True, key="merge-exact")
    rank = None if exact else st.number_input("Rank", 1, 512, 16, key="merge-rank")
    st.caption(
        "Exact keeps everything, and the file is as large as all of them together. A lower "
        "rank keeps the strongest directions of the sum: smaller, but not the same."
    )
    ready = len(chosen) > 1 and bool(style)
    parts = [
        {"style": found[one].style, "version": found[one].number, "weight": weights[one]}
        for one in chosen
    ]
    payload = {"style": style, "parts": parts, "trigger_word": word, "rank": rank}
    st.button(
        "Merge",
        type="primary",
        key="merge-do",
        on_click=_ask,
        args=(payload, draft),
        **ui.only(imported_adapters.RIGHT, not ready),
    )
    drafts.tell(draft)
    upload.jobs(studio, "merge")


def _ask(payload: dict[str, Any], draft: Draft) -> None:
    typed = {"style": drafts.value(draft, "style"), "trigger_word": drafts.value(draft, "word")}
    asked = {**payload, **typed}
    try:
        submit.ask(session.studio(), "merge", asked, asked_by=ui.person(), now=context.now())
    except StudioError as error:
        st.session_state["refused"] = error
    else:
        drafts.drop(draft)
