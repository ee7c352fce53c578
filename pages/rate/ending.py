"""Whether ratings are to end: a dialog that says what is there before nobody can rate any more."""

import streamlit as st

from studio import context
from studio.review import rating_rounds
from studio.review.rating_rounds import Round
from studio.review.ratings import standing
from studio.web import session, ui


@st.dialog("End these ratings for everybody")
def ask(round: Round) -> None:
    """What was rated so far, and the button that ends it."""
    engine = session.studio().engine
    if not rating_rounds.get(engine, round.id).open:  # ended, in a run of the dialog alone
        st.rerun()
    given, shown = standing(engine, round.id), rating_rounds.pictures_of(engine, round.id)
    who = len({one.rater for one in given})
    rated = len({one.picture for one in given})
    st.markdown(
        f"**{rated:,} of {len(shown):,} pictures** are rated, by {who:,} "
        f"{'person' if who == 1 else 'people'}. What was rated until now counts; nobody can rate "
        "any more then, and everybody sees the result."
    )
    st.button(
        "End them",
        type="primary",
        key="end-now",
        on_click=_end,
        args=(round.id,),
        **ui.only("open ballots"),
    )


def _end(id: int) -> None:
    rating_rounds.close(session.studio().engine, id, ui.person(), context.now())
