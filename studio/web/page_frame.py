"""What stands around every page: title, menu, who is there, and an error in place of the rest."""

from __future__ import annotations

import functools
import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from mlflow.exceptions import MlflowException

from studio import context
from studio.accounts import rights
from studio.errors import StudioError
from studio.tracking import client
from studio.web import addresses, job_boxes, session, ui
from studio.web.javascript import FOLDER

CHECKERBOARD, COLOUR = "Checkerboard", "Colour"
# File, name, icon: in the order of a picture's way through the studio.
PAGES = (
    ("Home.py", "Home", ":material/home:"),
    ("pages/Datasets.py", "Datasets", ":material/photo_library:"),
    ("pages/Train.py", "Train", ":material/model_training:"),
    ("pages/Evaluate.py", "Evaluate", ":material/monitoring:"),
    ("pages/Rate.py", "Rate", ":material/star_half:"),
    ("pages/Vote.py", "Vote", ":material/how_to_vote:"),
    ("pages/Registry.py", "Registry", ":material/inventory_2:"),
    ("pages/Adapters.py", "Adapters", ":material/layers:"),
    ("pages/Generate.py", "Generate", ":material/brush:"),
    ("pages/Admin.py", "Admin", ":material/settings:"),
)


@contextmanager
def page(title: str, about: str = "") -> Iterator[context.Studio]:
    """Set the page up and hand out the studio; a StudioError becomes a box; what else is
    raised, also by a callback, is shown by `page_errors`."""
    st.set_page_config(
        page_title=f"{title} - Housestyle", page_icon="🎨", layout="wide", initial_sidebar_state=220
    )
    st.html(_css(st.context.theme.type == "dark"))
    with st.sidebar:
        st.html('<div class="hs-name">Housestyle</div>')
        for file, name, icon in PAGES:
            st.page_link(file, label=name, icon=icon)
        _behind()
        _who()
    st.title(title)
    if about:
        st.caption(about)
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
    return f"<style>{''.join((FOLDER / name).read_text('utf-8') for name in files)}</style>"


def _behind() -> None:
    """What shows through transparent pixels everywhere: a checkerboard, or an engine's colour."""
    kept: dict[str, Any] = {"persist_state": "session"}
    colour = ""
    with st.popover("Transparency background", icon=":material/texture:", type="tertiary"):
        chosen = st.segmented_control(
            "Transparency background",
            [CHECKERBOARD, COLOUR],
            default=CHECKERBOARD,
            required=True,
            key="behind",
            label_visibility="collapsed",
            **kept,
        )
        if chosen == COLOUR:
            colour = st.color_picker("Your engine's colour", "#3a3f4a", key="behind-colour", **kept)
    if colour:  # outside: what is in a closed popover is not on the page
        st.html(f"<style>:root {{ --hs-behind: {html.escape(colour)}; }}</style>")


def _who() -> None:
    """The person in the sidebar, and the way to be another one."""
    if not session.studio().settings.sign_in.needed:
        st.caption(f"{ui.plain(ui.person())} · [someone else?](/hello)")
        return
    try:
        who = ui.person()
    except StudioError as error:
        ui.failed(error)
        st.stop()
    st.page_link("pages/You.py", label="Your account", icon=":material/account_circle:")
    out = '<a href="/sign-out" target="_self">sign out</a>'
    role = who.role if isinstance(who, rights.Actor) else ""
    st.html(f'<div class="hs-who">{html.escape(who)}, {role} · {out}</div>')
