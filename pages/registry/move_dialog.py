"""The dialog of a move: both versions' pictures, the gates, what will happen, and the reason."""

from __future__ import annotations

import streamlit as st

from pages.registry import gates, move_making, moves, side_by_side
from pages.registry.move_making import REFUSED, Seen
from pages.registry.moves import OPEN, Move
from studio import context
from studio.registry import history_text, rollout, stages
from studio.registry.gates import Checked
from studio.registry.models import Version
from studio.registry.places import Places, places
from studio.registry.rollout_records import current
from studio.registry.stage_state import DISPLACED
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

GATED = ("production", "rollout", "whole", "accept")
SIDE = 96  # pixels of a picture: both versions' six fit beside the gates


def look(style: str, found: dict[int, Version], where: Places) -> None:
    """The dialog that is open, if one is and there is still what it is about."""
    move = st.session_state.get(OPEN)
    if move is None:
        return
    if move.style != style:
        move_making.close()
        return
    if move.number not in found:
        st.warning(
            f"Version {move.number} of {ui.plain(style)} was deleted in MLflow. Choose another one."
        )
        move_making.close()
        return
    title = moves.label(move.way, move.number, where.state.holder("production"))
    title = title if str(move.number) in title else f"{title}: version {move.number}"
    st.dialog(title, width="large", on_dismiss=move_making.close)(_body)(move)


def _body(move: Move) -> None:
    if OPEN not in st.session_state:  # done, in a run of the dialog alone
        st.rerun()
    studio = session.studio()
    where = places(studio.engine, move.style)  # as it is now, not as when it was opened
    live = where.state.holder("production")
    if refused := st.session_state.pop(REFUSED, None):
        ui.failed(refused)
    if live != move.seen:
        st.warning(
            f"Production was changed meanwhile: {f'version {live}' if live else 'nothing'} is "
            "there now."
        )
    other = where.beside(move.number)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        side_by_side.pictures(studio, move.style, move.number, other, where, SIDE)
    with right:
        st.markdown(f"**What will happen**  \n{_outlook(move, where)}")
        missed = _gates(studio, move, where) if move.way in GATED else []
    subject = f"move/{move.style}/{move.number}/{move.way}"
    draft = drafts.begin(subject, {"why": "", "override": "", "percent": 10, "people": ""})
    _fields(move, draft, missed)
    seen = Seen(
        live if move.way == "back" else where.state.holder(move.way),
        where.state.of(move.number),
        going.id if (going := current(studio.engine, move.style)) else None,
    )
    sure = moves.label(move.way, move.number, live)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            sure if str(move.number) in sure else f"{sure}: version {move.number}",
            type="primary",
            key=f"do-{move.way}",
            on_click=move_making.make,
            args=(move, draft, seen),
            **ui.only(moves.right(move.way, move.number, live)),
        )
        st.caption(f"It is written down as done by {ui.plain(ui.person())}.")
    drafts.tell(draft)


def _fields(move: Move, draft: Draft, missed: list[Checked]) -> None:
    """The reason, that of who overrides a gate, and whom a rollout reaches."""
    if move.way == "rollout":
        share, people = st.columns(2)
        share.slider("Share of all people, %", 0, 99, **drafts.field(draft, "percent"))
        people.text_input(
            "Always include",
            placeholder="ana, @artist",
            help="Who gets it in any case: names with commas, @artist for all artists.",
            **drafts.field(draft, "people"),
        )
    columns = st.columns(2 if missed else 1)
    columns[0].text_area(
        "Why",
        max_chars=stages.REASON,
        height=80,
        placeholder="Everybody will read this in the history",
        **drafts.field(draft, "why"),
    )
    if missed:
        columns[1].text_area(
            gates.OVERRIDE,
            help=gates.OVERRIDE_HELP,
            max_chars=stages.REASON,
            height=80,
            **drafts.field(draft, "override"),
        )


def _gates(studio: context.Studio, move: Move, where: Places) -> list[Checked]:
    """The gates with their verdicts; those that want a reason to be overridden, which is not asked
    for again where the rollout began with one."""
    st.markdown("**Gates**")
    checked = gates.held(move.style, move.number)
    gates.shown(checked)
    if not checked:
        st.caption("This style asks for nothing.")
    known: dict[str, str] = {}
    if move.way == "whole" and where.going:
        known = rollout.overridden(studio.engine, where.going)
    for why in dict.fromkeys(known.values()):
        st.caption(f"Overridden when the rollout began: {ui.plain(why)}")
    return [one for one in checked if not one.met and one.gate not in known]


def _outlook(move: Move, where: Places) -> str:
    """What will happen, in sentences."""
    number, live = move.number, where.state.holder("production")
    stage = where.state.of(number)
    match move.way:
        case "rollout":
            return (
                f"Some people draw with version {number}; everybody else goes on with version "
                f"{live}, which stays in production. Who is among them stays the same. It stops by "
                "itself if people approve of it less."
            )
        case "end":
            return f"Everybody draws with version {live} again. Version {number} is {stage}."
        case "ask":
            return f"Producers are asked to put version {number} into production. Nothing moves."
        case "production" | "whole" | "accept" | "back":
            return history_text.outlook("production", number, stage, live)
        case to:
            held = where.state.holder(to) if to in DISPLACED else None
            return history_text.outlook(to, number, stage, held)
