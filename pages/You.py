"""One's own account: what one may do, the password, sessions, and tokens for scripts."""

import streamlit as st

from pages.admin.people import token_list
from studio import context
from studio.accounts import people, rights, sessions, sign_in, tokens
from studio.errors import StudioError
from studio.web import page_frame, session, ui


def change_password() -> None:
    """As a callback: every other session of the person ends, and all tokens."""
    me, state, engine, now = ui.person(), st.session_state, session.studio().engine, context.now()
    held = sessions.find(engine, st.context.cookies.get(session.COOKIE) or "", now)
    try:
        if state["password-new"] != state["password-again"]:
            raise StudioError("The two new passwords differ.", "Type the same one twice.")
        if sign_in.begin_try(engine, me, now):
            raise StudioError("There were too many tries.", "Wait a minute, then try again.")
        people.change_password(
            engine,
            me,
            state["password-old"],
            state["password-new"],
            now=now,
            keep=held.id if held else 0,
        )
        sign_in.forget_tries(engine, me)
    except StudioError as error:
        state["people-wrong"] = error
    else:
        state["people-said"] = (
            "Your password is changed; your other sessions and your tokens have ended."
        )
        for name in ("password-old", "password-new", "password-again"):
            state[name] = ""


def end_others() -> None:
    """As a callback: only this browser stays signed in."""
    me, engine, now = ui.person(), session.studio().engine, context.now()
    held = sessions.find(engine, st.context.cookies.get(session.COOKIE) or "", now)
    count = sessions.end_of(engine, me, by=me, now=now, but=held.id if held else 0)
    st.session_state["people-said"] = f"{count} other sessions have ended."


def make_token() -> None:
    """As a callback: the token is shown once."""
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
        )
    except StudioError as error:
        state["people-wrong"] = error
    else:
        state["token-made"], state["token-label"] = (token.label, secret), ""


with page_frame.page("Your account") as studio:
    me = ui.person()
    if not isinstance(me, rights.Actor):
        st.info("Nobody signs in to this studio, so there is nothing to set here.")
        st.stop()
    if wrong := st.session_state.pop("people-wrong", None):
        ui.failed(wrong)
    if said := st.session_state.pop("people-said", None):
        st.success(ui.plain(said), icon=":material/check:")
    st.markdown(f"You are **{ui.plain(me)}**, {me.role}.")
    with st.expander("What you may do"):
        mine = [r.says for r in rights.RIGHTS if rights.may(me.role, r.name)]
        st.markdown("\n".join(f"- {says}" for says in mine))
    if people.named(studio.engine, me).local:
        with st.form("password"):
            st.subheader("Password")
            for key, label in (
                ("old", "Old password"),
                ("new", "New password"),
                ("again", "The new one again"),
            ):
                st.text_input(label, type="password", key=f"password-{key}", max_chars=200)
            st.form_submit_button("Change it", on_click=change_password)
    st.header("Sessions")
    found = sessions.listing(studio.engine, context.now(), me)
    st.dataframe(
        [
            {
                "since": ui.moment(s.began_at),
                "last used": ui.moment(s.seen_at),
                "browser": sessions.told(s.browser),
            }
            for s in found
        ],
        hide_index=True,
    )
    st.button("End all others", disabled=len(found) < 2, on_click=end_others)
    st.header("Tokens for commands and scripts")
    if made := st.session_state.pop("token-made", None):
        st.success(f"{ui.plain(made[0])}: copy the token now, it is not shown again.")
        st.code(made[1], language=None)
    token_list(tokens.listing(studio.engine, context.now(), me), named=False)
    with st.form("token"):
        columns = st.columns([3, 2, 1])
        columns[0].text_input("What it is for", key="token-label", max_chars=60)
        mine = [role for role in rights.ROLES if rights.lesser(role, me.role) == role]
        columns[1].selectbox("Acts as", mine, len(mine) - 1, key="token-role")
        columns[2].number_input("Days", 1, tokens.LONGEST_DAYS, 90, key="token-days")
        st.form_submit_button("Make a token", on_click=make_token, **ui.only("make tokens"))
