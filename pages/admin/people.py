"""Who may come in and as what: people, their sessions and tokens, and what was refused."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio import context
from studio.accounts import people, refusal_log, rights, sessions, sign_in, tokens
from studio.errors import StudioError
from studio.web import session, ui

MANAGE = "manage people"


def section(studio: context.Studio) -> None:
    """All of it, for who manages people; a line for everybody else."""
    st.header("People")
    if not studio.settings.sign_in.needed:
        st.caption("Nobody signs in: whoever is at this machine may do everything.")
        return
    roles()
    if not ui.may(MANAGE):
        st.caption(f"People are managed by {rights.who_may(MANAGE)}.")
        return
    if wrong := st.session_state.pop("people-wrong", None):
        ui.failed(wrong)
    if said := st.session_state.pop("people-said", None):
        st.success(ui.plain(said), icon=":material/check:")
    known = people.listing(studio.engine)
    st.dataframe(
        [
            {
                "name": one.name,
                "role": "deactivated" if one.shut else one.role,
                "signs in with": "identity provider" if one.provided else "password",
                "since": ui.moment(one.created_at),
            }
            for one in known
        ],
        hide_index=True,
    )
    left, right = st.columns(2)
    with left:
        if studio.settings.sign_in.kind == "local":
            _new()
        else:
            st.caption("The identity provider says who may come in; they are listed from then on.")
    with right:
        _change(known)
    _held(studio)
    _refused(studio)


def roles() -> None:
    """The table of who may do what."""
    with st.expander("Who may do what"):
        st.dataframe(
            [
                {
                    "may": right.says,
                    **{r: "yes" if rights.may(r, right.name) else "" for r in rights.ROLES},
                }
                for right in rights.RIGHTS
            ],
            hide_index=True,
        )


def _new() -> None:
    with st.form("person-new", clear_on_submit=False):
        st.subheader("Add a person")
        st.text_input("Name", key="person-name", max_chars=people.LONGEST)
        st.selectbox("Role", rights.ROLES, index=1, key="person-role")
        st.text_input(
            "First password",
            type="password",
            key="person-password",
            max_chars=200,
            help="10 characters or more. They change it on their own page.",
        )
        st.form_submit_button("Add", type="primary", on_click=_add)


def _add() -> None:
    state = st.session_state
    name, role, password = (state[f"person-{part}"] for part in ("name", "role", "password"))
    if _done(f"{name} may come in as {role}.", people.add, name, role, password=password):
        state["person-name"] = state["person-password"] = ""


def _change(known: list[people.Person]) -> None:
    with st.container(border=True):
        st.subheader("Change somebody")
        name = st.selectbox("Who", [one.name for one in known], key="person-who")
        chosen = next((one for one in known if one.name == name), None)
        if chosen is None:
            return
        if not chosen.provided:
            role = st.selectbox(
                "Their role",
                rights.ROLES,
                rights.ROLES.index(chosen.role),
                key=f"role-of-{chosen.id}-{chosen.role}",
            )
            st.button(
                "Give this role",
                disabled=role == chosen.role,
                on_click=_do,
                args=(f"{name} is {role}.", people.set_role, name, role),
                kwargs={"before": chosen.role},
            )
            st.text_input("Another password", type="password", key="person-other", max_chars=200)
            st.button("Set this password", on_click=_password, args=(name,))
        with st.container(horizontal=True):
            if chosen.shut:
                st.button(
                    "Reactivate",
                    on_click=_do,
                    args=(f"{name} may come in.", people.let_in, name),
                )
            else:
                st.button(
                    "Deactivate",
                    on_click=_do,
                    args=(f"{name} is deactivated.", people.shut, name),
                    help="Keeps them out: their sessions and tokens end.",
                )
            st.button(
                "End their sessions",
                on_click=_do,
                args=(f"{name} is signed out.", sessions.end_of, name),
            )
            st.button(
                "Unlock",
                on_click=_do,
                args=(f"{name} may try again.", sign_in.unlock, name),
                help="Forgets the wrong passwords of the name.",
            )


def _password(name: str) -> None:
    given = st.session_state["person-other"]
    if _done(
        f"{name} has another password; their sessions and tokens have ended.",
        people.set_password,
        name,
        given,
    ):
        st.session_state["person-other"] = ""


def _held(studio: context.Studio) -> None:
    """Everybody's sessions and tokens."""
    now = context.now()
    with st.expander("Sessions"):
        st.dataframe(
            [
                {
                    "name": s.name,
                    "since": ui.moment(s.began_at),
                    "last used": ui.moment(s.seen_at),
                    "browser": sessions.told(s.browser),
                }
                for s in sessions.listing(studio.engine, now)
            ],
            hide_index=True,
        )
    with st.expander("Tokens"):
        token_list(tokens.listing(studio.engine, now), named=True)


def token_list(found: list[tokens.Token], named: bool) -> None:
    """Tokens that hold, each with a button that ends it."""
    if not found:
        st.caption("No token.")
    for one in found:
        line, button = st.columns([5, 1], vertical_alignment="center")
        used = f"last used {ui.moment(one.used_at)}" if one.used_at else "never used"
        whose = f"{ui.plain(one.name)}, " if named else ""
        line.markdown(
            f"**{ui.plain(one.label)}**  \n{whose}{one.role}, until {ui.moment(one.until)}, {used}"
        )
        button.button(
            "Withdraw",
            key=f"withdraw-{one.id}",
            on_click=_do,
            args=("The token is withdrawn.", tokens.withdraw, one.id),
        )


def _refused(studio: context.Studio) -> None:
    with st.expander("Refused lately"):
        found = refusal_log.newest(studio.home)
        if not found:
            st.caption("Nothing was refused.")
            return
        names = ("at", "who", "what", "why", "role", "asked", "address")
        st.dataframe([{n: one.get(n, "") for n in names} for one in found], hide_index=True)


def _do(said: str, call: Any, *given: Any, **more: Any) -> None:
    _done(said, call, *given, **more)


def _done(said: str, call: Any, *given: Any, **more: Any) -> bool:
    """Do it as who is at the browser; what came of it is told at the top of the section."""
    try:
        call(session.studio().engine, *given, by=ui.person(), now=context.now(), **more)
    except StudioError as error:
        st.session_state["people-wrong"] = error
        return False
    st.session_state["people-said"] = said
    return True
