"""What a ballot says: verdict and its way, categories, voters, alarms; and who has not voted."""

import math
from typing import Literal

import streamlit as st

from pages.vote.purposes import ASKS
from studio import context
from studio.review import (
    ballot_report,
    ballots,
    blinding,
    invitations,
    pair_order,
    sitting,
    statistics,
    tally,
    verdict_chart,
)
from studio.review.ballot_report import Report
from studio.review.ballots import Ballot
from studio.review.bradley_terry import Strength
from studio.review.tally import Tally
from studio.web import session, ui

SIDES: tuple[Literal["l", "r"], ...] = ("l", "r")
SHOWN = 12  # pairs with an alarm


def result(ballot: Ballot) -> None:
    """Everything about the votes, for those who may see it."""
    engine = session.studio().engine
    found = tally.tallies(engine, ballot)
    for number, one in enumerate(found):
        _verdict(ballot, one, number)
    about_votes = ballot_report.report(engine, ballot)
    if about_votes.strength is not None:
        _strengths(ballot, about_votes.strength)
    if any(one.counted or one.unfinished for one in found):
        _categories(ballot, about_votes)
        _voters(ballot, about_votes)
        _alarms(ballot, about_votes)


def _verdict(ballot: Ballot, one: Tally, number: int) -> None:
    """Verdict, counts, interval and its way, for two sides."""
    needed = 20 * math.comb(len(ballot.sides), 2)  # several comparisons share the 5 %
    with st.container(border=True):
        st.header(ui.plain(tally.words(one, ballot.open)))
        counts = {
            f"{one.a_name} preferred": one.a_votes,
            f"{one.b_name} preferred": one.b_votes,
            "ties": one.ties,
            "both bad": one.bad,
        }
        for column, (name, count) in zip(st.columns(4), counts.items(), strict=True):
            share = f"{count / one.counted:.0%}" if one.counted else "-"
            column.metric(ui.plain(name), count, share, delta_color="off", delta_arrow="off")
        ui.interval(one.a_name, one.b_name, one.verdict.low, one.verdict.high)
        kind = "pairs" if ballot.asks == "panel" else "voters"
        verdict = one.verdict
        st.caption(
            f"Of the {kind} that are finished {verdict.b} prefer {ui.plain(one.b_name)}, "
            f"{verdict.a} {ui.plain(one.a_name)}, {verdict.level} neither. The band holds the "
            f"true share for {ui.plain(one.b_name)} with 95 % certainty, however often one looks; "
            f"a verdict falls when it leaves the middle (evidence {verdict.e:.3g} of {needed}). "
            f"{one.unfinished} votes belong to {kind} that are not finished."
        )
        alpha = statistics.ALPHA / math.comb(len(ballot.sides), 2)
        steps = statistics.path(one.scores, alpha)
        if len(steps) > 1:
            label = f"finished {kind} that are not level"
            ui.chart(verdict_chart.band(steps, one.b_name, label), key=f"way-{number}")


def _strengths(ballot: Ballot, found: Strength) -> None:
    """All sides on one scale, where votes connect them."""
    names = ballot.names
    if not found.connected:
        groups = "; ".join(" and ".join(names[s] for s in group) for group in found.groups)
        st.info(
            f"The votes do not connect all sides yet, so there is no common scale: "
            f"{ui.plain(groups)}."
        )
        return
    st.subheader("All on one scale")
    rows = sorted(zip(names, found.elo, found.low, found.high, strict=True), key=lambda r: -r[1])
    st.dataframe(
        [
            {"side": name, "Elo": round(elo), "95 % between": f"{low:.0f} to {high:.0f}"}
            for name, elo, low, high in rows
        ],
        hide_index=True,
    )
    said = f"Bradley-Terry, counted from {names[0]}. Verdicts above decide; this only ranks."
    if found.propped:
        said += " One side has no win or no loss yet: half a vote each way was added."
    st.caption(ui.plain(said))


def _categories(ballot: Ballot, found: Report) -> None:
    """Votes by what the prompts ask for."""
    names = ballot.names
    st.subheader("By what was drawn")
    st.dataframe(
        [
            {
                "prompts for": one.name,
                "preferred first": f"{names[one.a]}: {one.a_votes}",
                "preferred second": f"{names[one.b]}: {one.b_votes}",
                "ties": one.ties,
                "both bad": one.bad,
            }
            for one in found.categories
        ],
        hide_index=True,
    )
    st.caption("All votes so far. Differences between kinds are hints; nothing is decided here.")


def _voters(ballot: Ballot, found: Report) -> None:
    """How far each voter's votes can be trusted."""
    st.subheader("By voter")
    lines = []
    for one in found.voters:
        notes = []
        if one.same_key:
            notes.append(f"always answers {one.same_key}")
        elif one.bias < 0.01:
            notes.append("prefers a side of the screen")
        if one.golds[1] >= 2 and one.golds[0] < one.golds[1] / 2:
            notes.append("fails attention checks")
        line = {
            "voter": one.name,
            "votes": one.votes,
            "left : right": f"{one.left} : {one.right}",
            "like most others": _part(one.alike),
        }
        if ballot.repeats:
            line["the same when seen twice"] = _part(one.repeats)
        if ballot.golds:
            line["attention checks passed"] = _part(one.golds)
        lines.append(line | {"to note": ", ".join(notes)})
    st.dataframe(lines, hide_index=True)
    st.caption(
        f"Effective sample size: {found.effective:.1f} voters with equally many votes; a vote "
        f"counts {1 / found.effect:.0%} of an independent one, since votes of one voter are alike. "
        f"Left and right were chosen alike, or more unevenly by chance, in {found.bias:.1%} of "
        "cases."
    )


def _part(found: tuple[int, int]) -> str:
    return f"{found[0]} of {found[1]}" if found[1] else "-"


def _alarms(ballot: Ballot, found: Report) -> None:
    """Pairs that several people found bad on both sides, with their pictures."""
    if not found.alarms:
        return
    studio, me = session.studio(), ui.person()
    key = blinding.secret(studio.engine)
    st.subheader(f"Both bad: {len(found.alarms)} pairs")
    for one in found.alarms[:SHOWN]:
        st.markdown(f"{ui.plain(one.pair.prompt)}: {one.bad} of {one.votes} found both bad")
        turned = pair_order.flipped(studio.engine, ballot.id, me, one.pair.id)
        order = (one.pair.b, one.pair.a) if turned else (one.pair.a, one.pair.b)
        ui.pictures(
            [
                ui.Shown(
                    sitting.ROUTE + blinding.address(key, me, "p", one.pair.id, side),
                    ballot.names[place],
                    ballot.size,
                    ballot.size,
                )
                for side, place in zip(SIDES, order, strict=True)
            ],
            side=192,
        )


def about(ballot: Ballot) -> None:
    """What is voted on, who has voted, and the end of it."""
    sides = ui.plain(" and ".join(ballot.names))
    due = f" · due {ui.plain(ballot.due)}" if ballot.due else ""
    st.caption(
        f"{ui.plain(ballot.style)}: {sides}, in no order that you can see · opened by "
        f"{ui.plain(ballot.opened_by)}, {ui.moment(ballot.opened_at)}{due} · asks "
        f"{ASKS[ballot.asks].split(' (')[0]}"
    )
    everyone = invitations.everyone(session.studio().engine, ballot.id)
    done = sum(one.handed_in for one in everyone if one.removed_at is None)
    with st.expander(f"Who has voted: {done} of {ballot.voters} are done"):
        _turnout(ballot, everyone)
        if ballot.open:
            if st.button(
                "Close this ballot", key="close", icon=":material/lock:", **ui.only("open ballots")
            ):
                _ask_to_close(ballot, done)


@st.dialog("Close this ballot for everybody")
def _ask_to_close(ballot: Ballot, done: int) -> None:
    if not ballots.get(session.studio().engine, ballot.id).open:  # in a run of the dialog alone
        st.rerun()
    st.markdown(
        f"**{done} of {ballot.voters}** are done. Closing ends the voting for everybody; what was "
        "voted until then counts."
    )
    st.button(
        "Close it",
        type="primary",
        key="close-now",
        on_click=_close,
        args=(ballot.id,),
        **ui.only("open ballots"),
    )


def _close(id: int) -> None:
    ballots.close(session.studio().engine, id, ui.person(), context.now())


def _turnout(ballot: Ballot, everyone: list[invitations.Invited]) -> None:
    """Who has voted on how much; those with the right invite, remind and remove."""
    studio, me = session.studio(), ui.person()
    lines = []
    for one in everyone:
        said = f"{ui.plain(one.voter)}: {one.cast} of {ballot.asked}"
        if one.removed_at:
            said += ", removed; these votes do not count"
        elif one.handed_in:
            said += ", handed in"
        elif one.reminded_at:
            said += f", reminded {ui.moment(one.reminded_at)}"
        lines.append(f"- {said}")
    st.markdown("\n".join(lines) or "Nobody has voted yet.")
    if not ballot.open or not ui.may("open ballots"):
        return
    late = [o for o in everyone if o.invited and not o.handed_in and not o.removed_at]
    if late and st.button(f"Remind {len(late)}", icon=":material/notifications:"):
        named = invitations.remind(studio.engine, ballot.id, me, context.now())
        st.toast(ui.plain(f"A notice is on the Home of {', '.join(named)}."))
        st.rerun()
    here = [one.voter for one in everyone if one.removed_at is None]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Invite or remove", here, index=None, accept_new_options=True, key="turnout-who"
        )
        if st.button("Invite", disabled=not name or name in here):
            invitations.invite(studio.engine, ballot.id, str(name), me, context.now())
            st.rerun()
        if st.button("Remove", disabled=name not in here):
            invitations.remove(studio.engine, ballot.id, str(name), me, context.now())
            st.rerun()
