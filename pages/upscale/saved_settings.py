"""Settings that are kept under a name: put into the fields, saved from them, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.upscale import settings_draft
from pages.upscale.style_choice import ALONE
from studio import context
from studio.accounts import rights
from studio.upscaling import saved
from studio.upscaling.saved import NAME, OTHERS, RIGHT, Saved
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

KEY, NAMED = "upscale-saved", "upscale-saved-name"
IN_ADDRESS = ("method", "style", "base")


def show(draft: Draft, chosen: Mapping[str, Any]) -> None:
    """Those that there are, a name for these, and those of a result to be used again."""
    kept = {one.name: one for one in saved.listing(session.studio().engine)}
    box = st.expander("Saved settings", key=f"{KEY} box", on_change="rerun")
    if not box.open:
        return
    with box:
        if kept:
            _use(kept, draft)
        else:
            st.caption("Nothing is kept yet. Give these settings a name, and anybody can use them.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "Save these settings as",
                key=NAMED,
                max_chars=NAME,
                placeholder="backgrounds to 8K",
                **ui.only(RIGHT),
            )
            st.button(
                "Save",
                key=f"{KEY} save",
                icon=":material/bookmark_add:",
                on_click=_save,
                args=(settings_draft.kept(draft, chosen),),
                **ui.only(RIGHT),
            )


def _use(kept: Mapping[str, Saved], draft: Draft) -> None:
    name = st.selectbox(
        "Use saved settings",
        list(kept),
        index=None,
        key=KEY,
        placeholder="Choose",
        on_change=_take,
        args=(kept, draft),
        **ui.only(RIGHT),
    )
    if name is not None and name in kept:
        one = kept[name]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"By {ui.plain(one.by)}, {ui.moment(one.at)}")
            mine = rights.allowed_own(ui.person(), one.by, OTHERS) and ui.may(RIGHT)
            st.button(
                "Delete",
                key=f"{KEY} delete",
                type="tertiary",
                on_click=_delete,
                args=(name,),
                **({} if mine else ui.only(OTHERS)),
            )


def _take(kept: Mapping[str, Saved], draft: Draft) -> None:
    if (one := kept.get(st.session_state[KEY] or "")) is not None:
        take(one.settings, draft)


def take(settings: Mapping[str, Any], draft: Draft) -> None:
    """As a callback: put settings into the fields, the method and what draws too."""
    method = choose(settings, str(draft.saved["method"]))
    subject = settings_draft.subject_of(draft, method)
    settings_draft.put(drafts.begin(subject, {**draft.saved, "method": method}), settings)


def choose(settings: Mapping[str, Any], method: str) -> str:
    """Put the method of settings, and what draws, into their fields, which stand in the address:
    before these are drawn. Gives the method, which is `method` where they say none."""
    for name in IN_ADDRESS:
        if name in settings:
            st.session_state[name] = str(settings[name] or (ALONE if name == "style" else ""))
    return str(settings.get("method") or method)


def _save(settings: Mapping[str, Any]) -> None:
    with refusals.kept():
        name = st.session_state[NAMED]
        saved.save(session.studio().engine, name, settings, by=ui.person(), now=context.now())
        st.session_state[NAMED] = ""
        st.toast(f"Saved as {ui.plain(name)}.")


def _delete(name: str) -> None:
    with refusals.kept():
        saved.delete(session.studio().engine, name, by=ui.person())
        st.session_state[KEY] = None
