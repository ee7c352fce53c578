"""One's own webhooks: which there are, a new one, and what became of their messages."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.you import webhook_form, webhook_list
from studio import context
from studio.accounts.tokens import Token
from studio.webhooks import deliveries, hooks


def section(studio: context.Studio, me: str, tokens: Sequence[Token]) -> None:
    """All of it; `tokens` are the person's."""
    st.header("Webhooks")
    st.caption("Programs that are told when your jobs have ended, signed with a secret.")
    webhook_form.made()
    with st.grid(2, min_column_width=340, gap="large"):
        with st.container():
            webhook_list.listed(hooks.listing(studio.engine, me), tokens)
            webhook_form.form(me)
        with st.container():
            webhook_list.sent(deliveries.listing(studio.engine, owner=me, limit=20))
