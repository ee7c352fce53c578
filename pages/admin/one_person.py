"""One person: what they may do, their role and password, their sessions and tokens."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.admin import token_list
from pages.admin.done import do, done
from studio import context
from studio.accounts import people, rights, sessions, sign_in, tokens
from studio.accounts.people import Person
from studio.web import addresses, ui


def shown(studio: context.Studio, known: Sequence[Person]) -> None:
    """The person of the address, else the first."""
    st.subheader("One person")
    names = [one.name for one in known]
    ui.gone("person", names, "person {}")
    name = st.selectbox("Who", names, **addresses.one_of("person", names))
    one = next((one for one in known if one.name == name), None)
    if one is None:
        return
    _rights(one)
    if not one.provided:
        _role(one)
        _password(one)
    _door(one)
    _held(studio, one)


def _rights(one: Person) -> None:
    """What they may do, in words."""
    if one.shut:
        st.markdown(f"**{ui.plain(one.name)}** is deactivated and can't sign in.")
        return
    may = [right.says for right in rights.RIGHTS if rights.may(one.role, right.name)]
    with st.expander(f"What {ui.plain(one.name)}, {one.role}, may do"):
        st.markdown("\n".join(f"- {says}" for says in may))


def _role(one: Person) -> None:
    role = st.selectbox(
        "Their role",
        rights.ROLES,
        rights.ROLES.index(one.role),
        key=f"role-of-{one.id}-{one.role}",
    )
    st.button(
        "Give this role",
        disabled=role == one.role,
        on_click=do,
        args=(f"{one.name} is {role}.", people.set_role, one.name, role),
        kwargs={"before": one.role},
    )


def _password(one: Person) -> None:
    key = f"password-of-{one.id}"
    st.text_input(
        "Another password",
        type="password",
        key=key,
        max_chars=200,
        help="10 characters or more. Their sessions and tokens end.",
    )
    st.button("Set this password", on_click=_set_password, args=(one.name, key))


def _set_password(name: str, key: str) -> None:
    said = f"{name} has another password; their sessions and tokens have ended."
    if done(said, people.set_password, name, st.session_state[key]):
        st.session_state[key] = ""


def _door(one: Person) -> None:
    """Keeping them out, letting them in."""
    name = one.name
    with st.container(horizontal=True):
        if one.shut:
            st.button("Reactivate", on_click=do, args=(f"{name} may come in.", people.let_in, name))
        else:
            st.button(
                "Deactivate",
                on_click=do,
                args=(f"{name} is deactivated.", people.shut, name),
                help="Keeps them out: their sessions and tokens end.",
            )
        st.button(
            "End their sessions",
            on_click=do,
            args=(f"{name} is signed out.", sessions.end_of, name),
        )
        st.button(
            "Unlock",
            on_click=do,
            args=(f"{name} may try again.", sign_in.unlock, name),
            help="Forgets the wrong passwords of the name.",
        )


def _held(studio: context.Studio, one: Person) -> None:
    """Their sessions and tokens."""
    now = context.now()
    st.markdown("**Sessions**")
    found = sessions.listing(studio.engine, now, one.name)
    for held in found:
        st.caption(
            f"{ui.plain(sessions.told(held.browser))}, since {ui.moment(held.began_at)}, "
            f"last used {ui.moment(held.seen_at)}"
        )
    if not found:
        st.caption("Not signed in anywhere.")
    st.markdown("**Tokens**")
    token_list.listed(tokens.listing(studio.engine, now, one.name))
