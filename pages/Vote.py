"""Vote blind on two versions: same prompt, same seed, one question."""

import streamlit as st

from pages.vote import ballot_list, ballot_results, voting_desk
from studio.accounts import rights
from studio.errors import StudioError
from studio.review import ballots, invitations, votes
from studio.web import page_frame, ui

ABOUT = "Two pictures, one question. Nobody knows which version made which."

asked = st.query_params.get("ballot", "")
with page_frame.page("Vote", "" if asked else ABOUT) as studio:
    if not asked:
        ballot_list.overview()
        st.stop()
    st.page_link("pages/Vote.py", label="All ballots", icon=":material/arrow_back:")
    number = ui.number_of("ballot")
    if number is None:
        raise StudioError(f"There is no ballot {asked[:80]}.", "Choose one of the ballots on Vote.")
    ballot, me = ballots.get(studio.engine, number), ui.person()
    mine = ballot.open and invitations.may_vote(studio.engine, ballot.id, me)
    if mine and ui.may("vote") and not votes.has_handed_in(studio.engine, ballot.id, me):
        voting_desk.show(ballot)
    elif mine and not ui.may("vote"):
        st.info(f"This ballot is open. Votes are for {rights.who_may('vote')}.")
    elif ballot.open and not mine and not ui.may("open ballots"):
        st.info("You are not among those who vote here. Its result is shown when it is closed.")
    else:
        st.header(ui.plain(ballot.question))
        ballot_results.result(ballot)
    ballot_results.about(ballot)
