"""What stands around every page: title, menu, and an error in place of the rest."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from mlflow.exceptions import MlflowException

from studio import context
from studio.errors import StudioError
from studio.store import local
from studio.tracking import client
from studio.web import (
    addresses,
    job_boxes,
    mark,
    page_errors,
    session,
    sidebar,
    streamlit_sessions,
    ui,
)
from studio.web.javascript import FOLDER


@contextmanager
def page(title: str, about: str = "") -> Iterator[context.Studio]:
    """Set the page up and hand out the studio; a StudioError becomes a box; what else is
    raised, also by a callback, is shown by `page_errors`."""
    local.never_wait_where(streamlit_sessions.drawing)
    st.set_page_config(page_title=f"{title} - Housestyle", layout="wide", initial_sidebar_state=256)
    st.html(_css(st.context.theme.type == "dark"))
    sidebar.draw()
    st.title(title)
    if about:
        st.caption(about)
    if refused := page_errors.kept():
        with st.container(key="page-refused"):  # in sight, however far down the page is: studio.css
            ui.failed(refused)
    try:
        try:
            job_boxes.tell_of_ended()
            studio = session.studio()
        except StudioError as error:  # the database is away: nothing of the page can be shown
            ui.failed(error)
            st.stop()
        with addresses.visit(title):
            yield studio
    except StudioError as error:
        ui.failed(error)
    except MlflowException as error:
        away = client.away(error)
        assert away is not None
        ui.failed(away)


@functools.cache
def _css(dark: bool) -> str:
    files = ("studio.css", "dark.css") if dark else ("studio.css",)
    rules = [(FOLDER / name).read_text("utf-8") for name in files]
    rules.append(f':root {{ --hs-mark: url("{mark.address(dark=dark)}"); }}')
    return f"<style>{''.join(rules)}</style>"
