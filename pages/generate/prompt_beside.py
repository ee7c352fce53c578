"""A prompt that another tab or a picture's settings came in place of: nothing typed is lost."""

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
        st.caption(f"Typed before: “{ui.plain(short)}”")
        st.button("Exchange", key="other-use", type="tertiary", on_click=_use, args=(other,))
        st.button("Forget it", key="other-not", type="tertiary", on_click=set_aside, args=(None,))


def _use(other: str) -> None:
    now = st.session_state["prompt"]
    st.session_state["prompt"] = other
    set_aside(now or None)


def set_aside(beside: str | None) -> None:
    """Keep this prompt beside what stands in the field; None: none."""
    engine, who = session.studio().engine, ui.person()
    unsaved.change(engine, who, SUBJECT, {BESIDE: beside}, now=context.now())
