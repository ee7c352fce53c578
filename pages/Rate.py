"""Rate pictures one at a time by a rubric, without knowing which version made them."""

import streamlit as st

from pages.rate import ending, rating_desk, round_list, round_results
from studio.accounts import rights
from studio.errors import StudioError
from studio.review import rating_rounds
from studio.web import page_frame, ui

ABOUT = "One picture at a time, blind, by the same few questions."

asked = st.query_params.get("round", "")
with page_frame.page("Rate", "" if asked else ABOUT) as studio:
    if not asked:
        round_list.overview()
        st.stop()
    st.page_link("pages/Rate.py", label="All ratings", icon=":material/arrow_back:")
    number = ui.number_of("round")
    if number is None:
        raise StudioError(f"There are no ratings {asked[:80]}.", "Choose one of those on Rate.")
    shown = rating_rounds.get(studio.engine, number)
    left = rating_rounds.unrated(studio.engine, shown.id, ui.person())
    if shown.open and not ui.may("rate"):
        st.info(f"These ratings are open. Ratings are for {rights.who_may('rate')}.")
        st.stop()
    if shown.open and left:
        rating_desk.show(shown)
    else:
        if shown.open:
            rating_desk.finished(shown)
        round_results.result(shown)
    if shown.open:
        if st.button("End these ratings", icon=":material/lock:", **ui.only("open ballots")):
            ending.ask(shown)
