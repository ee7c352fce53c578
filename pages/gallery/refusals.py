"""What a callback was refused, said on the page drawn after it: the rest of the page stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from studio.errors import StudioError
from studio.web import ui

KEY = "refused"


@contextmanager
def kept() -> Iterator[None]:
    """Around what a callback does: a StudioError is kept for `tell`."""
    try:
        yield
    except StudioError as error:
        st.session_state[KEY] = error


def tell() -> None:
    """Say what was refused, once."""
    if refused := st.session_state.pop(KEY, None):
        ui.failed(refused)
