"""A webhook of one's own jobs, whose secret is shown once."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.accounts import rights, tokens
from studio.errors import StudioError
from studio.web import session, ui
from studio.webhooks import hooks

ALL = 0  # in place of a token's number


def made() -> None:
    """The secret that was just made."""
    if found := st.session_state.pop("webhook-secret", None):
        st.success(f"{ui.plain(found[0])}: copy the secret now, it is not shown again.")
        st.code(found[1], language=None)


def form(me: str) -> None:
    """Where to, and of which jobs; whoever may have none is told who may."""
    if not ui.may(hooks.RIGHT):
        st.caption(f"Webhooks are for {rights.who_may(hooks.RIGHT)}.")
        return
    found = tokens.listing(session.studio().engine, context.now(), me)
    theirs = {one.id: f"Jobs of the token {one.label}" for one in found if not one.scope}
    of = {ALL: "All my jobs", **theirs}
    with st.form("webhook"):
        st.text_input(
            "Address",
            key="webhook-url",
            max_chars=2000,
            placeholder="https://build.example.com/housestyle",
            help="It is told of each job's end, signed. Empty: each job brings its own address.",
        )
        if theirs:
            st.selectbox("Told of", list(of), key="webhook-token", format_func=of.__getitem__)
        st.form_submit_button("Make a webhook", on_click=_make)


def another_secret(id: int, says: str) -> None:
    """As a callback: another secret for a webhook, shown once."""
    try:
        secret = hooks.change_secret(session.studio().engine, id, by=ui.person(), now=context.now())
    except StudioError as error:
        st.session_state["people-wrong"] = error
    else:
        st.session_state["webhook-secret"] = (f"{says}; the old one signs for another day", secret)


def _make() -> None:
    me, state, studio = ui.person(), st.session_state, session.studio()
    try:
        webhook, secret = hooks.make(
            studio.engine,
            me,
            state["webhook-url"],
            networks=studio.settings.private_networks,
            by=me,
            now=context.now(),
            token=state.get("webhook-token", ALL) or None,
        )
    except StudioError as error:
        state["people-wrong"] = error
    else:
        state["webhook-secret"], state["webhook-url"] = (webhook.says, secret), ""
