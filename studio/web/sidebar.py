"""The menu beside every page: pages in groups that stay as the person left them, what shows
through transparent pixels, the keys, and who is there."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from studio.accounts import rights
from studio.errors import StudioError
from studio.web import keys, navigation, open_groups, session, streamlit_sessions, ui

CHECKERBOARD, COLOUR = "Checkerboard", "Colour"


def draw() -> None:
    """All of it; stops the page where a session has ended."""
    with st.sidebar:
        st.html('<div class="hs-name">Housestyle</div>')
        _groups()
        _behind()
        asked = st.button("Keys", icon=":material/keyboard:", type="tertiary", key="keys")
        _who()
    if asked:
        _keys()


@st.fragment
def _groups() -> None:
    """The pages by group; only this is drawn anew when one is opened or closed."""
    state, here = st.session_state, navigation.NAMES.get(streamlit_sessions.page_name())
    try:
        who = ui.person()
    except StudioError:  # their session has ended: `_who` says so
        who = ""
    kept: dict[str, bool] | None = state.get("groups")
    if kept is None:
        kept = state["groups"] = open_groups.read(st.context.cookies.get(open_groups.COOKIE))
    if state.get("groups-of") != here:  # come to just now: its own group is open
        state["groups-of"] = here
        usual = navigation.opened(_role(who))
        for group in navigation.GROUPS:
            own = here is not None and here.group == group
            state[f"group-{group}"] = own or kept.get(group, group in usual)
    needed = session.studio().settings.sign_in.needed
    pages = navigation.found_by(lambda right: rights.allowed(who, right), needed)
    for page in pages.pop("", []):
        _link(page)
    for group, found in pages.items():
        with st.expander(
            group, key=f"group-{group}", type="compact", on_change=_turned, args=(group,)
        ):
            for page in found:
                _link(page)
    if state.get("groups-turned"):  # what the browser remembers, it is told by an answer
        st.html(f'<img src="{open_groups.address(kept)}" alt="" hidden>')


def _link(page: navigation.Page) -> None:
    st.page_link(page.file, label=page.label, icon=f":material/{page.icon}:")


def _turned(group: str) -> None:
    """As a callback: a group was opened or closed, and stays so."""
    st.session_state["groups"][group] = bool(st.session_state[f"group-{group}"])
    st.session_state["groups-turned"] = True


def _role(who: str) -> str:
    return who.role if isinstance(who, rights.Actor) else ""


@st.dialog("Keys", width="large")
def _keys() -> None:
    here = streamlit_sessions.page_name()
    st.caption("Letters work while nothing is being written.")
    tables = "".join(_key_table(place, found) for place, found in keys.of(here))
    st.html(f'<div class="hs-keys">{tables}</div>')


def _key_table(place: str, found: list[keys.Key]) -> str:
    """The keys of one place as HTML."""
    name, _, part = place.partition(", ")
    page = navigation.NAMES.get(name)
    title = (page.label if page else name) + (f", {part}" if part else "")
    rows = "".join(
        f"<tr><td>{' '.join(f'<kbd>{html.escape(key)}</kbd>' for key in one.keys)}</td>"
        f"<td>{html.escape(one.does)}</td></tr>"
        for one in found
    )
    return f"<section><h3>{html.escape(title)}</h3><table><tbody>{rows}</tbody></table></section>"


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
    """The person, and the way to be another one."""
    if not session.studio().settings.sign_in.needed:
        st.caption(f"{ui.plain(ui.person())} · [someone else?](/hello)")
        return
    try:
        who = ui.person()
    except StudioError as error:
        ui.failed(error)
        st.stop()
    out = '<a href="/sign-out" target="_self">sign out</a>'
    st.html(f'<div class="hs-who">{html.escape(who)}, {_role(who)} · {out}</div>')
