"""A prompt that somebody typed in another tab of theirs and wrote over here: nothing is lost."""

from typing import Any

import streamlit as st

from studio import context
from studio.accounts import unsaved
from studio.generation.prompt_drafts import BESIDE, SUBJECT
from studio.web import session, ui

SHOWN = 160  # characters


def tell(kept: dict[str, Any]) -> None:
    """The other prompt, and the ways to have it here or to forget it."""
    other = str(kept.get(BESIDE) or "")
    if not other or other == st.session_state["prompt"]:
        return
    short = other if len(other) <= SHOWN else f"{other[:SHOWN]}…"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Typed in another tab of yours: “{ui.plain(short)}”")
        st.button("Exchange", key="other-use", type="tertiary", on_click=_use, args=(other,))
        st.button("Forget it", key="other-not", type="tertiary", on_click=_keep, args=(None,))


def _use(other: str) -> None:
    now = st.session_state["prompt"]
    st.session_state["prompt"] = other
    _keep(now or None)


def _keep(beside: str | None) -> None:
    engine, who = session.studio().engine, ui.person()
    unsaved.change(engine, who, SUBJECT, {BESIDE: beside}, now=context.now())
