"""Who may come in and as what: everybody, somebody new, and one person closely."""

from __future__ import annotations

import streamlit as st

from pages.admin import one_person
from pages.admin.done import done, told
from studio import context
from studio.accounts import people, rights
from studio.web import ui

MANAGE = "manage people"


def section(studio: context.Studio) -> None:
    """All of it, for who manages people; a line for everybody else."""
    st.header("People")
    if not studio.settings.sign_in.needed:
        st.caption("Nobody signs in: whoever is at this machine may do everything.")
        return
    if not ui.may(MANAGE):
        _roles()
        st.caption(f"People are managed by {rights.who_may(MANAGE)}.")
        return
    told()
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
    with st.grid(2, min_column_width=340, gap="large"):
        with st.container(border=True):
            one_person.shown(studio, known)
        with st.container():
            if studio.settings.sign_in.kind == "local":
                _new()
            else:
                st.caption(
                    "The identity provider says who may come in; they are listed from then on."
                )
            _roles()


def _roles() -> None:
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
    if done(f"{name} may come in as {role}.", people.add, name, role, password=password):
        state["person-name"] = state["person-password"] = ""
