"""One's own account: what one may do, password, sessions, tokens for scripts, and webhooks."""

import streamlit as st

from pages.admin import token_list
from pages.admin.done import told
from pages.you import password, sessions_held, token_form, webhooks
from studio import context
from studio.accounts import people, rights, tokens
from studio.web import page_frame, ui

with page_frame.page("Your account") as studio:
    me = ui.person()
    if not isinstance(me, rights.Actor):
        st.info("Nobody signs in to this studio, so there is nothing to set here.")
        st.stop()
    told()
    with st.container(border=True):
        st.markdown(f"You are **{ui.plain(me)}**, {me.role}.")
        with st.expander("What you may do"):
            mine = [right.says for right in rights.RIGHTS if rights.may(me.role, right.name)]
            st.markdown("\n".join(f"- {says}" for says in mine))
    with st.grid(2, min_column_width=340, gap="large"):
        with st.container():
            st.header("Sessions")
            sessions_held.listed(studio, me)
            if people.named(studio.engine, me).local:
                st.header("Password")
                password.form()
        with st.container():
            st.header("Tokens for commands and scripts")
            token_form.made()
            held = tokens.listing(studio.engine, context.now(), me)
            token_list.listed(held)
            token_form.form(me)
    webhooks.section(studio, me, held)
