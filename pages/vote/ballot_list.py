"""All ballots: those that wait for me, a new one, and those that have a result for me."""

import streamlit as st

from pages.vote import new_ballot
from studio.accounts import rights
from studio.review import ballots, invitations, votes
from studio.review.ballots import Ballot
from studio.web import session, ui


def overview() -> None:
    """What waits for me, a new ballot, and those that have a result for me."""
    engine, me = session.studio().engine, ui.person()
    waiting = votes.waiting(engine, me) if ui.may("vote") else []
    reminded = invitations.waits_for(engine, me) if waiting else {}
    new_ballot.awaited()
    for ballot, cast in waiting:
        state = f"{cast} of {ballot.asked} pairs done"
        if ballot.id in reminded:
            state += f", {reminded[ballot.id]} reminds you"
        _row(ballot, state, "Go on" if cast else "Vote")
    if not waiting:
        st.info("No ballot waits for you.")
    known = ballots.listing(engine)
    if ui.may("open ballots"):
        with st.expander("Open a new ballot", expanded=not known):
            new_ballot.form()
    else:
        st.caption(f"Ballots are opened by {rights.who_may('open ballots')}.")
    seen = {ballot.id for ballot, _ in waiting}
    others = [ballot for ballot in known if ballot.id not in seen]
    if others:
        st.header("Results")
    for ballot in others[:50]:
        _row(ballot, "still open" if ballot.open else f"closed by {ballot.closed_by}", "Result")


def _row(ballot: Ballot, state: str, label: str) -> None:
    """One ballot in a list."""
    sides = " against ".join(ballot.names)
    due = f", due {ui.plain(ballot.due)}" if ballot.due and ballot.open else ""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{ui.plain(ballot.question)}**  \n"
            f"{ui.plain(ballot.style)}, {ui.plain(sides)}: {ui.plain(state)}{due}"
        )
        query = {"ballot": str(ballot.id)}
        st.page_link(
            "pages/Vote.py", label=label, icon=":material/arrow_forward:", query_params=query
        )
