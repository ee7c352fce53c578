"""Vote blind on two versions: same prompt, same seed, one question."""

import math
import secrets

import streamlit as st

from studio import judging, ui, workflows
from studio.accounts import rights
from studio.errors import StudioError
from studio.review import ballots, invited, pairing, tally, votes, voting
from studio.review.ballots import Ballot
from studio.review.sitting import Sitting

ASKS = {
    "panel": "what these voters prefer",
    "people": "what people like them prefer (needs 8 or more)",
}


def sitting(ballot: Ballot) -> Sitting:
    """This window's sitting, a new one where the ballot or the person changed."""
    held = st.session_state.get("vote-sitting")
    if held is None or (held.at, held.person) != (ballot.id, ui.person()):
        held = st.session_state["vote-sitting"] = Sitting(ballot.id, ui.person())
    return held


def said(ballot: Ballot) -> None:
    """The browser sent what it has not been told of as done."""
    actions = st.session_state["vote"].said
    voting.take(ui.opened().engine, sitting(ballot), actions, workflows.now())


def pressed(ballot: Ballot, say: str, id: str) -> None:
    """A plain button: the same as the key, on the pair that is shown."""
    sat = sitting(ballot)
    last = votes.last_vote(ui.opened().engine, ballot.id, sat.person)
    item = sat.queue[0] if sat.queue else None
    action = {"id": id, "say": say, "item": item, "of": last.key if last else None}
    voting.take(ui.opened().engine, sat, [action], workflows.now())


@st.fragment
def desk(ballot: Ballot) -> None:
    """The pair that is shown; only this part of the page is drawn anew after a vote."""
    studio, sat = ui.opened(), sitting(ballot)
    seen = voting.view(studio.engine, sat)
    if not seen["queue"]:
        st.rerun()  # the whole page, which asks to hand in
    ui.screen("vote")(key="vote", data=seen, on_said_change=lambda: said(ballot))


def finished(ballot: Ballot) -> None:
    """All is voted on; the last vote can still be taken back."""
    engine, sat = ui.opened().engine, sitting(ballot)
    st.success(f"You have voted on all {ballot.asked} pairs.", icon=":material/done_all:")
    st.caption("When you hand in you see the result, and your votes can't be changed any more.")
    with st.container(horizontal=True):
        if st.button("Hand in and see the result", type="primary", key="hand-in"):
            votes.hand_in(engine, ballot.id, sat.person, workflows.now())
            st.rerun()
        last = votes.last_vote(engine, ballot.id, sat.person)
        if last is not None:
            st.button(
                f"Undo the last one ({voting.WORDS[last.answer]})", key="say-undo", shortcut="u",
                on_click=pressed, args=(ballot, "undo", sat.next_id),
            )  # fmt: skip


def plain_buttons(ballot: Ballot) -> None:
    """For whoever has no keyboard at hand, or a browser that keeps the keys to itself."""
    with st.expander("Plain buttons, if the keys do nothing here"):
        with st.container(horizontal=True):
            labels = {"left": "Left", "tie": "Tie", "bad": "Both bad", "right": "Right"}
            for say, label in (labels | {"undo": "Undo", "skip": "Skip"}).items():
                st.button(
                    label, key=f"say-{say}", on_click=pressed,
                    args=(ballot, say, sitting(ballot).next_id),
                )  # fmt: skip


def about(ballot: Ballot) -> None:
    """What is voted on, who has voted, and the end of it."""
    sides = " and ".join(ballot.names)
    due = f" · due {ballot.due}" if ballot.due else ""
    seen = not ballot.open or votes.has_handed_in(ui.opened().engine, ballot.id, ui.person())
    hidden = "" if seen else ", in no order that you can see"
    st.caption(
        f"{ui.plain(ballot.style)}: {sides}{hidden} · opened by "
        f"{ui.plain(ballot.opened_by)}, {ui.moment(ballot.opened_at)}{due} · asks "
        f"{ASKS[ballot.asks].split(' (')[0]}"
    )
    cast = {one.voter: one.cast for one in invited.everyone(ui.opened().engine, ballot.id)}
    named = [f"{ui.plain(who)} {count} of {ballot.asked}" for who, count in cast.items()]
    with st.expander(f"Who has voted: {len(cast)}, expected {ballot.voters}"):
        st.markdown(", ".join(named) or "Nobody has voted yet.")
        if ballot.open:
            st.caption("Closing ends the voting for everybody; what was voted until then counts.")
            if st.button("Close this ballot", key="close", icon=":material/lock:",
                         **ui.only("open ballots")):  # fmt: skip
                ballots.close(ui.opened().engine, ballot.id, ui.person(), workflows.now())
                st.rerun()


def result(ballot: Ballot) -> None:
    """Verdict, counts and interval for every two sides."""
    needed = 20 * math.comb(len(ballot.sides), 2)  # several comparisons share the 5 %
    for one in tally.tallies(ui.opened().engine, ballot):
        with st.container(border=True):
            st.header(tally.words(one, ballot.open))
            figures = {
                f"{one.a_name} preferred": one.a_votes,
                f"{one.b_name} preferred": one.b_votes,
                "ties": one.ties,
                "both bad": one.bad,
            }
            for column, (name, count) in zip(st.columns(4), figures.items(), strict=True):
                share = f"{count / one.counted:.0%}" if one.counted else "-"
                column.metric(name, count, share, delta_color="off", delta_arrow="off")
            ui.interval(one.a_name, one.b_name, one.verdict.low, one.verdict.high)
            kind = "pairs" if ballot.asks == "panel" else "voters"
            verdict, left = one.verdict, f"{one.unfinished} votes belong to {kind} not finished."
            st.caption(
                f"Of the {kind} that are finished {verdict.b} prefer {one.b_name}, {verdict.a} "
                f"{one.a_name}, {verdict.level} neither. The band holds the true share for "
                f"{one.b_name} with 95 % certainty, however often one looks; a verdict falls when "
                f"it leaves the middle (evidence {verdict.e:.3g} of {needed}). "
                f"{left if one.unfinished else ''}"
            )


def overview() -> None:
    """What waits for me, a new ballot, and those that have a result for me."""
    engine, me = ui.opened().engine, ui.person()
    waiting = votes.waiting(engine, me)
    for ballot, cast in waiting:
        row(ballot, f"{cast} of {ballot.asked} pairs done", "Go on" if cast else "Vote")
    if not waiting:
        st.info("No ballot waits for you.")
    with st.expander("Open a new ballot", expanded=not ballots.listing(engine)):
        new_ballot()
    seen = {ballot.id for ballot, _ in waiting}
    others = [ballot for ballot in ballots.listing(engine) if ballot.id not in seen]
    if others:
        st.header("Results")
    for ballot in others[:50]:
        row(ballot, "still open" if ballot.open else f"closed by {ballot.closed_by}", "Result")


def row(ballot: Ballot, state: str, label: str) -> None:
    """One ballot in a list."""
    sides = " against ".join(ballot.names)
    due = f", due {ballot.due}" if ballot.due and ballot.open else ""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{ui.plain(ballot.question)}**  \n"
            f"{ui.plain(ballot.style)}, {sides}: {ui.plain(state)}{due}"
        )
        query = {"ballot": str(ballot.id)}
        st.page_link(
            "pages/Vote.py", label=label, icon=":material/arrow_forward:", query_params=query
        )


def new_ballot() -> None:
    """The form of a ballot, which says before it opens whether it can reach a verdict."""
    studio = ui.opened()
    found = ui.sheets_of_style("style")
    if found is None:
        return
    style, ready = found
    known = {0: "base (without a LoRA)", **{v.number: f"version {v.number}" for v in ready}}
    newest = [v.number for v in ready[:2]]
    chosen = st.multiselect(
        "What is compared", list(known), default=newest if len(newest) == 2 else [0, *newest],
        format_func=known.get,
    )  # fmt: skip
    question = st.text_input("The one question", ballots.QUESTION, max_chars=200)
    left, middle, right = st.columns(3)
    voters = left.number_input("Voters expected", 1, 500, 5)
    share = middle.number_input("Pairs for each voter", 1, value=None, placeholder="all")
    due = right.date_input("Due", value=None)
    asks = st.radio(
        "What is asked", list(ASKS), index=int(voters >= ballots.PANEL), format_func=ASKS.get
    )
    if len(chosen) < 2:
        st.info("Choose two or more.")
        return
    try:
        drawn = judging.drawn(studio, style, chosen)
        pairs = len(pairing.common(drawn)) * math.comb(len(chosen), 2)
    except StudioError as error:
        ui.failed(error)
        return
    if not tally.reachable(asks, voters, share or pairs, len(chosen)):
        st.warning(
            "As it stands, no verdict can come of this ballot even if all agree: it needs "
            "8 finished voters or pairs, more with three versions. Ask more voters, or these "
            "voters only, or more pairs."
        )
    key = st.session_state.setdefault("ballot-key", secrets.token_hex(8))
    if st.button("Open the ballot", type="primary", **ui.only("open ballots")):
        with st.spinner("Keeping the pictures"):
            made = ballots.open_ballot(
                studio.engine, studio.home, drawn=drawn, question=question, voters=voters,
                asks=asks, share=share, due=due, strip=judging.strip(studio, ready[0]),
                by=ui.person(), key=key, now=workflows.now(),
            )  # fmt: skip
        st.switch_page("pages/Vote.py", query_params={"ballot": str(made.id)})


asked = st.query_params.get("ballot", "")
ABOUT = "Two pictures, one question. Nobody knows which version made which."
with ui.page("Vote", "" if asked else ABOUT) as studio:
    if not asked.isdecimal():
        overview()
        st.stop()
    st.page_link("pages/Vote.py", label="All ballots", icon=":material/arrow_back:")
    ballot = ballots.get(studio.engine, int(asked))
    st.session_state.pop("ballot-key", None)  # a next form is another ballot
    if ballot.open and not ui.may("vote"):
        st.info(f"This ballot is open. Votes are for {rights.who_may('vote')}.")
    elif ballot.open and not votes.has_handed_in(studio.engine, ballot.id, ui.person()):
        if len(votes.voted(studio.engine, ballot.id, ui.person())) < ballot.asked:
            desk(ballot)
            plain_buttons(ballot)
        else:
            finished(ballot)
    else:
        st.header(ui.plain(ballot.question))
        result(ballot)
    about(ballot)
