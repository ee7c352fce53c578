"""Where one is signed in, and the way to be signed in here only."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from studio import context
from studio.accounts import sessions
from studio.web import session, ui


def listed(studio: context.Studio, me: str) -> None:
    """Every session that stands, this browser's marked."""
    now = context.now()
    here, found = this_browser(studio.engine, now), sessions.listing(studio.engine, now, me)
    st.dataframe(
        [
            {
                "browser": sessions.told(s.browser) + (" (this one)" if s.id == here else ""),
                "since": ui.moment(s.began_at),
                "last used": ui.moment(s.seen_at),
            }
            for s in found
        ],
        hide_index=True,
    )
    st.button("End all others", disabled=len(found) < 2, on_click=_end_others)


def this_browser(engine: Engine, now: datetime) -> int:
    """The number of this browser's session; 0 where it has none."""
    held = sessions.find(engine, st.context.cookies.get(session.COOKIE) or "", now, used=False)
    return held.id if held else 0


def _end_others() -> None:
    """Only this browser stays signed in."""
    me, engine, now = ui.person(), session.studio().engine, context.now()
    count = sessions.end_of(engine, me, by=me, now=now, but=this_browser(engine, now))
    one = count == 1
    st.session_state["people-said"] = (
        f"{count} other session{'' if one else 's'} {'has' if one else 'have'} ended."
    )
