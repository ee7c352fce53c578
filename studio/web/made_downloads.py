"""Files that are made when somebody clicks for them: by who is there then, with the role they have
then; what goes wrong is a box on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from studio.web import page_errors, session, streamlit_sessions

Make = Callable[[str], bytes | str]


def button(label: str, make: Make, **shown: Any) -> None:
    """A button that calls `make` with the person, in a thread of its own and in no run of the
    page, which stays as it is. What it needs of the page it is given."""
    st.download_button(label, data=_at_click(make), on_click="ignore", **shown)


def _at_click(make: Make) -> Callable[[], bytes | str]:
    cookies, page = dict(st.context.cookies), streamlit_sessions.own()

    def made() -> bytes | str:
        try:
            return make(session.person(cookies))
        except Exception as error:
            page_errors.of_a_download(error, page)
            raise  # Streamlit hears of it, too: it has no file to send

    return made
