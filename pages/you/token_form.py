"""A token for oneself, shown once."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.accounts import rights, tokens
from studio.errors import StudioError
from studio.web import session, ui

OPENS = {"": "All that its role may do", "metrics": "Only /metrics, for Prometheus"}


def made() -> None:
    """The token that was just made."""
    if found := st.session_state.pop("token-made", None):
        st.success(f"{ui.plain(found[0])}: copy the token now, it is not shown again.")
        st.code(found[1], language=None)


def form(me: rights.Actor) -> None:
    """What it is for, what it may, how long it holds; whoever may have none is told who may."""
    if not ui.may("make tokens"):
        st.caption(f"Tokens are for {rights.who_may('make tokens')}.")
        return
    with st.form("token"):
        st.text_input("What it is for", key="token-label", max_chars=60)
        mine = [role for role in rights.ROLES if rights.lesser(role, me.role) == role]
        scopes = [scope for scope, all in rights.SCOPES.items() if all <= _mine(me)]
        if scopes:
            st.selectbox("Opens", ["", *scopes], key="token-scope", format_func=OPENS.__getitem__)
        acts, days = st.columns(2)
        acts.selectbox("Acts as", mine, len(mine) - 1, key="token-role")
        days.number_input("Days", 1, tokens.LONGEST_DAYS, 90, key="token-days")
        st.form_submit_button("Make a token", on_click=_make)


def _mine(me: rights.Actor) -> set[str]:
    return {right.name for right in rights.RIGHTS if rights.allowed(me, right.name)}


def _make() -> None:
    me, state = ui.person(), st.session_state
    try:
        token, secret = tokens.make(
            session.studio().engine,
            me,
            state["token-role"],
            label=state["token-label"],
            days=state["token-days"],
            by=me,
            now=context.now(),
            scope=state.get("token-scope", ""),
        )
    except StudioError as error:
        state["people-wrong"] = error
    else:
        state["token-made"], state["token-label"] = (token.label, secret), ""
