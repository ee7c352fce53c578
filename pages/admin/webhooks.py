"""Webhooks of ended jobs: everybody's, for who manages people; where nobody signs in, one's own."""

from __future__ import annotations

import streamlit as st

from pages.admin.done import told
from pages.you import webhook_form, webhook_list
from studio import context
from studio.accounts import rights, tokens
from studio.web import ui
from studio.webhooks import deliveries, hooks


def shown(studio: context.Studio) -> None:
    """Those that hold, what became of their messages, and a new one where it can be made here."""
    st.header("Webhooks")
    if not ui.may(hooks.OTHERS):
        st.caption(
            "Your own are on the page Your account; everybody's are for "
            f"{rights.who_may(hooks.OTHERS)}."
        )
        return
    told()
    webhook_form.made()
    known = tokens.listing(studio.engine, context.now())
    webhook_list.listed(hooks.listing(studio.engine), known, whose=True)
    if not studio.settings.sign_in.needed:
        webhook_form.form(ui.person())
    st.subheader("Messages")
    webhook_list.sent(deliveries.listing(studio.engine))
