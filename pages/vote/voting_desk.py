"""Where somebody votes: the pair, plain buttons, handing in, and their own prompts."""

import streamlit as st

from studio import context
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.jobs import queue
from studio.review import pair_order, sitting, voter_prompts, voter_sitting, votes
from studio.review.ballots import Ballot
from studio.review.sitting import Sitting
from studio.web import components, job_boxes, session, ui
from studio.worker import submit
from studio.workflows import review_aids


def show(ballot: Ballot) -> None:
    """All that a voter sees until they have handed in."""
    engine, me = session.studio().engine, ui.person()
    if ballot.own and not voter_prompts.drawn_for(engine, ballot.id, me):
        _own_prompts(ballot)
    elif len(pair_order.voted(engine, ballot.id, me)) < ballot.asked:
        _desk(ballot)
        _plain_buttons(ballot)
    else:
        _finished(ballot)


def _sitting(ballot: Ballot) -> Sitting:
    """This window's sitting, a new one where the ballot or the person changed."""
    held = st.session_state.get("vote-sitting")
    if held is None or (held.at, held.person) != (ballot.id, ui.person()):
        held = st.session_state["vote-sitting"] = Sitting(ballot.id, ui.person())
    return held


def _said(ballot: Ballot) -> None:
    """The browser sent what it has not been told of as done."""
    actions = st.session_state["vote"].said
    voter_sitting.take(session.studio().engine, _sitting(ballot), actions, context.now())


def _pressed(ballot: Ballot, say: str, id: str) -> None:
    """A plain button: the same as the key, on the pair that is shown."""
    sat = _sitting(ballot)
    try:
        last = votes.last_vote(session.studio().engine, ballot.id, sat.person)
    except DatabaseAway as error:
        sat.said = f"{error.message} Press it again in a moment."
        return
    item = sat.queue[0] if sat.queue else None
    action = {"id": id, "say": say, "item": item, "of": last.key if last else None}
    voter_sitting.take(session.studio().engine, sat, [action], context.now())


@st.fragment
def _desk(ballot: Ballot) -> None:
    """The pair that is shown; only this part of the page is drawn anew after a vote."""
    studio, sat = session.studio(), _sitting(ballot)
    seen = sitting.seen(sat, lambda: voter_sitting.view(studio.engine, sat))
    if not seen["queue"]:
        st.rerun()  # the whole page, which asks to hand in
    components.screen("vote")(
        key="vote",
        data={**seen, **review_aids.blind(studio, ballot.style, ballot.strip)},
        on_said_change=lambda: _said(ballot),
    )


def _finished(ballot: Ballot) -> None:
    """All is voted on; the last vote can still be taken back."""
    engine, sat = session.studio().engine, _sitting(ballot)
    st.success(f"You have voted on all {ballot.asked} pairs.", icon=":material/done_all:")
    st.caption("When you hand in you see the result, and your votes can't be changed any more.")
    with st.container(horizontal=True):
        if st.button("Hand in and see the result", type="primary", key="hand-in"):
            votes.hand_in(engine, ballot.id, sat.person, context.now())
            st.rerun()
        last = votes.last_vote(engine, ballot.id, sat.person)
        if last is not None:
            st.button(
                f"Undo the last one ({voter_sitting.WORDS[last.answer]})",
                key="say-undo",
                shortcut="u",
                on_click=_pressed,
                args=(ballot, "undo", sat.next_id),
            )


def _plain_buttons(ballot: Ballot) -> None:
    """For whoever has no keyboard at hand, or a browser that keeps the keys to itself."""
    with st.expander("Plain buttons, if the keys do nothing here"):
        with st.container(horizontal=True):
            labels = {"left": "Left", "tie": "Tie", "bad": "Both bad", "right": "Right"}
            for say, label in (labels | {"undo": "Undo", "skip": "Skip"}).items():
                st.button(
                    label,
                    key=f"say-{say}",
                    on_click=_pressed,
                    args=(ballot, say, _sitting(ballot).next_id),
                )


def _own_prompts(ballot: Ballot) -> None:
    """A voter writes prompts; the worker draws them by every version."""
    studio, me = session.studio(), ui.person()
    running = [
        job
        for job in queue.listing(studio.engine, kind="own", user=me, limit=20)
        if job.payload["ballot"] == ballot.id and (not job.ended or job.state == "failed")
    ]
    if running:
        job_boxes.show(running[0].id)
        if not running[0].ended:
            st.caption("When they are drawn, your pairs appear here. You can close the page.")
            return
    st.header(ui.plain(ballot.question))
    many = "a prompt" if ballot.own == 1 else f"{ballot.own} prompts"
    written = st.text_area(
        f"Write {many} that you would need for the game, one a line", height=200, key="own-prompts"
    )
    if st.button("Draw them", type="primary", **ui.only("vote")):
        try:
            lines = voter_prompts.prompts(ballot, written)
            key = f"own {ballot.id} {len(running)}"
            submit.ask(
                studio,
                "own",
                {"ballot": ballot.id, "prompts": lines},
                asked_by=me,
                now=context.now(),
                key=key,
            )
        except StudioError as error:
            ui.failed(error)
            return
        st.rerun()
