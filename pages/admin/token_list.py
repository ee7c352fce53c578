"""Tokens that hold, each with the way to end it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.admin.done import do
from studio.accounts import tokens
from studio.accounts.tokens import Token
from studio.web import ui


def listed(found: Sequence[Token]) -> None:
    """A line each: what it is for, what it may, until when."""
    if not found:
        st.caption("No token.")
    for one in found:
        acts = f"{one.role}, {one.scope} only" if one.scope else one.role
        used = f"last used {ui.moment(one.used_at)}" if one.used_at else "never used"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{ui.plain(one.label)}**  \n{acts}, until {ui.moment(one.until)}, {used}"
            )
            st.button(
                "Withdraw",
                key=f"withdraw-{one.id}",
                on_click=do,
                args=("The token is withdrawn.", tokens.withdraw, one.id),
            )
