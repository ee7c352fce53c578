"""All ratings: those that wait for me, new ones, results, and the rubrics."""

import streamlit as st

from pages.rate import new_round, rubric_form
from studio.review import pictures, rating_rounds
from studio.review.rating_rounds import Round
from studio.web import session, ui


def overview() -> None:
    """What waits for me, new ratings, results, and the rubrics."""
    engine, me = session.studio().engine, ui.person()
    waiting = rating_rounds.waiting(engine, me)
    new_round.awaited()
    for one, done, count in waiting:
        _row(one, f"{done} of {count} pictures done", "Go on" if done else "Rate")
    if not waiting:
        st.info("No ratings wait for you.")
    known = rating_rounds.listing(engine)
    with st.expander("Rate more versions", expanded=not known):
        new_round.form()
    with st.expander("What is rated: the rubrics", expanded="rubric" in st.query_params):
        rubric_form.edit()
    seen = {one.id for one, _, _ in waiting}
    others = [one for one in known if one.id not in seen]
    if others:
        st.header("Results")
    for one in others[:50]:
        _row(one, "still open" if one.open else f"ended by {one.closed_by}", "Result")


def _row(one: Round, state: str, label: str) -> None:
    """One round in a list."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        sides = ", ".join(pictures.names(one.sides))
        due = f", due {ui.plain(one.due)}" if one.due and one.open else ""
        st.markdown(
            f"**{ui.plain(one.style)}: {ui.plain(sides)}**  \n"
            f"opened by {ui.plain(one.opened_by)}, {ui.moment(one.opened_at)}: "
            f"{ui.plain(state)}{due}"
        )
        query = {"round": str(one.id)}
        st.page_link(
            "pages/Rate.py", label=label, icon=":material/arrow_forward:", query_params=query
        )
