"""Webhooks that hold, and what became of their messages."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.admin.done import do
from pages.you import webhook_form
from studio.accounts.tokens import Token
from studio.masking import masked
from studio.web import ui
from studio.webhooks import deliveries, hooks
from studio.webhooks.deliveries import Delivery
from studio.webhooks.hooks import Webhook

MOST = 5  # that can be sent again from here


def listed(found: Sequence[Webhook], tokens: Sequence[Token], whose: bool = False) -> None:
    """A line each: where to, of which jobs, and ways to change and to end it; `whose` says whose
    it is."""
    if not found:
        st.caption("No webhook.")
    labels = {token.id: token.label for token in tokens}
    for one in found:
        of = f"jobs of the token {labels.get(one.token, one.token)}" if one.token else "all jobs"
        of = f"{one.owner}, {of}" if whose else of
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{ui.plain(one.says)}**  \n{ui.plain(of)}, since {ui.moment(one.made_at)}"
            )
            st.button(
                "Another secret",
                key=f"webhook-secret-{one.id}",
                on_click=webhook_form.another_secret,
                args=(one.id, one.says),
                help="Shown once. The old one signs beside it for a day.",
            )
            st.button(
                "Withdraw",
                key=f"webhook-withdraw-{one.id}",
                on_click=do,
                args=("The webhook is withdrawn.", hooks.withdraw, one.id),
            )


def sent(found: Sequence[Delivery]) -> None:
    """The newest messages and how each went; those that were given up can be sent again."""
    if not found:
        st.caption("No message yet: one is written with each job that a webhook is told of.")
        return
    st.dataframe(
        [
            {
                "job": one.job,
                "to": masked(one.url),
                "state": one.state,
                "tries": one.attempts,
                "last try": ui.moment(one.tried_at) if one.tried_at else "",
                "next try": ui.moment(one.due) if one.due and one.attempts else "",
                "answer": one.error or (str(one.status) if one.status else ""),
            }
            for one in found
        ],
        hide_index=True,
    )
    for one in [one for one in found if one.state == "given up"][:MOST]:
        st.button(
            f"Send again: job {one.job}",
            key=f"webhook-again-{one.id}",
            on_click=do,
            args=("It is sent once more.", deliveries.send_again, one.id),
            help=ui.plain(f"{masked(one.url)} {one.error}"),
        )
