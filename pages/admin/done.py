"""What is done to people and their keys, and what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio import context
from studio.errors import StudioError
from studio.web import session, ui


def told() -> None:
    """What came of the last change."""
    if wrong := st.session_state.pop("people-wrong", None):
        ui.failed(wrong)
    if said := st.session_state.pop("people-said", None):
        st.success(ui.plain(said), icon=":material/check:")


def do(said: str, call: Any, *given: Any, **more: Any) -> None:
    """As a callback: `done`."""
    done(said, call, *given, **more)


def done(said: str, call: Any, *given: Any, **more: Any) -> bool:
    """Call it with the database and as who is at the browser; whether it was done. What came of it
    stands on the page from then on, once."""
    try:
        call(session.studio().engine, *given, by=ui.person(), now=context.now(), **more)
    except StudioError as error:
        st.session_state["people-wrong"] = error
        return False
    st.session_state["people-said"] = said
    return True
