"""Where somebody rates: the picture, plain buttons, and the end."""

import streamlit as st

from studio import context
from studio.review import rater_sitting, rating_rounds, rubrics, sitting
from studio.review.rating_rounds import Round
from studio.review.ratings import standing
from studio.review.rubrics import Rubric
from studio.review.sitting import Sitting
from studio.web import components, session, ui
from studio.workflows import review_aids


def show(round: Round) -> None:
    """All that a rater sees while pictures are left."""
    _desk(round)
    _plain_buttons(round, rubrics.named(session.studio().home, round.rubric))


def _sitting(round: Round) -> Sitting:
    """This window's sitting, a new one where the round or the person changed."""
    held = st.session_state.get("rate-sitting")
    if held is None or (held.at, held.person) != (round.id, ui.person()):
        held = st.session_state["rate-sitting"] = Sitting(round.id, ui.person())
    return held


def _said(round: Round) -> None:
    """The browser sent what it has not been told of as done."""
    studio, actions = session.studio(), st.session_state["rate"].said
    rater_sitting.take(studio.engine, studio.home, _sitting(round), actions, context.now())


def _pressed(round: Round, say: str, id: str) -> None:
    """A plain button: the same as the key, on the picture that is shown."""
    studio, sat = session.studio(), _sitting(round)
    mine = standing(studio.engine, round.id, sat.person)
    names = [one.name for one in rubrics.named(studio.home, round.rubric).criteria]
    scores = {name: st.session_state.get(f"score-{name}") for name in names}
    given = {name: value for name, value in scores.items() if value is not None}
    action = {"id": id, "say": say, "item": sat.queue[0] if sat.queue else None, "scores": given}
    action |= {"of": mine[-1].key if mine else None}
    rater_sitting.take(studio.engine, studio.home, sat, [action], context.now())
    for name in names:
        st.session_state[f"score-{name}"] = None


@st.fragment
def _desk(round: Round) -> None:
    """The picture that is shown; only this part of the page is drawn anew after a rating."""
    studio, sat = session.studio(), _sitting(round)
    seen = sitting.seen(sat, lambda: rater_sitting.view(studio.engine, studio.home, sat))
    if not seen["queue"]:
        st.rerun()  # the whole page, which shows the result
    components.screen("rate")(
        key="rate",
        data={**seen, **review_aids.blind(studio, round.style, round.strip)},
        on_said_change=lambda: _said(round),
    )


def finished(round: Round) -> None:
    """All is rated; the last one can still be taken back."""
    sat, count = _sitting(round), len(rating_rounds.pictures_of(session.studio().engine, round.id))
    st.success(f"You have rated all {count} pictures.", icon=":material/done_all:")
    st.button(
        "Undo the last one", key="say-undo", on_click=_pressed, args=(round, "undo", sat.next_id)
    )


def _plain_buttons(round: Round, rubric: Rubric) -> None:
    """For whoever has no keyboard at hand, or a browser that keeps the keys to itself."""
    with st.expander("Plain buttons, if the keys do nothing here"):
        for one in rubric.criteria:
            numbers = list(range(one.low, one.high + 1))
            st.radio(
                ui.plain(one.name),
                numbers,
                index=None,
                horizontal=True,
                key=f"score-{one.name}",
                help=ui.plain(one.help),
            )
        with st.container(horizontal=True):
            for say, label in {"rate": "Next picture", "undo": "Undo", "skip": "Skip"}.items():
                st.button(
                    label,
                    key=f"say-{say}",
                    on_click=_pressed,
                    args=(round, say, _sitting(round).next_id),
                )
