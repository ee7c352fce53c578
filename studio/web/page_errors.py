"""What a page shows in place of an error that its code, a callback or a download let through."""

from __future__ import annotations

import traceback

import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

from studio.errors import StudioError
from studio.web import failures, streamlit_sessions, ui

KEPT = "callback-refused"


def show(error: Exception) -> bool:
    """A box with what can be done, or with the number that the error has in the log. True: it is
    shown, and Streamlit shows nothing of its own.

    A callback's error comes before anything of the page is drawn: it is kept for the page
    (`kept`), which is drawn at once, with all that was typed.
    """
    _, told = failures.explained(error, "a page")
    if not (_of_a_callback(error) and _drawn_anew(told)):
        ui.failed(told)
    return True


def of_a_download(error: Exception, session: str) -> None:
    """What the making of a file raised, in no run of a page: kept for that of the session, which
    is drawn at once."""
    _, told = failures.explained(error, "a download")
    streamlit_sessions.draw_with(session, KEPT, told)


def kept() -> StudioError | None:
    """The error that came last in no run of the page, once."""
    found: StudioError | None = st.session_state.pop(KEPT, None)
    return found


def _of_a_callback(error: Exception) -> bool:
    """Whether it came through Streamlit's callbacks, which run before the page does."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "_call_callbacks" for frame, _ in frames)


def _drawn_anew(told: StudioError) -> bool:
    """Keep the error and have the whole page drawn once more; False where it can't be."""
    context = get_script_run_ctx()
    if context is None or context.script_requests is None:
        return False
    st.session_state[KEPT] = told
    # No button is pressed any more: what was done is not done twice.
    return context.script_requests.request_rerun(
        RerunData(
            query_string=context.query_string,
            page_script_hash=context.page_script_hash,
            widget_states=WidgetStates(),
            cached_message_hashes=context.cached_message_hashes,
            context_info=context.context_info,
        )
    )
