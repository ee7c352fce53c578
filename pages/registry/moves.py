"""What can be done with a version, and the buttons that open the dialog of it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from studio.database.ledger import LedgerRow
from studio.registry.places import Places
from studio.web import ui

OPEN = "move"  # in the session: the move whose dialog is open


@dataclass(frozen=True)
class Way:
    """A kind of move: its button, who may do it, and what it says when it is done."""

    label: str
    icon: str
    right: str
    done: str


WAYS = {
    "production": Way(
        "Put into production",
        ":material/rocket_launch:",
        "promote",
        "Version {} is in production now.",
    ),
    "back": Way(
        "Go back to version {}",
        ":material/history:",
        "roll back",
        "Version {} is in production again.",
    ),
    "rollout": Way(
        "Start gradual rollout", ":material/group:", "promote", "Version {} is tried now."
    ),
    "whole": Way(
        "Give it to everybody",
        ":material/rocket_launch:",
        "promote",
        "Version {} is in production now.",
    ),
    "end": Way("End the rollout", ":material/stop:", "roll back", "The rollout is ended."),
    "accept": Way(
        "Accept and promote",
        ":material/rocket_launch:",
        "promote",
        "Version {} is in production now.",
    ),
    "staging": Way(
        "Put into staging", ":material/hourglass_top:", "stage", "Version {} is in staging now."
    ),
    "candidate": Way(
        "Make a candidate again", ":material/undo:", "stage", "Version {} is a candidate now."
    ),
    "archived": Way("Archive", ":material/archive:", "stage", "Version {} is archived now."),
    "ask": Way(
        "Ask for production",
        ":material/front_hand:",
        "ask for promotion",
        "Asked. The producers see it on Home.",
    ),
}
OUT = "Take out of production"  # what archiving is for the version that is there


@dataclass(frozen=True)
class Move:
    """A move that a person thinks about: its way, the version, and what was in production when
    they began; `request` is the one that it accepts."""

    way: str
    style: str
    number: int
    seen: int | None
    request: int = 0


def label(way: str, number: int, live: int | None) -> str:
    """What the button of a move says."""
    return OUT if way == "archived" and number == live else WAYS[way].label.format(number)


def right(way: str, number: int, live: int | None) -> str:
    """Who may do it: whatever leaves production is promoting, too."""
    return "promote" if number == live and WAYS[way].right == "stage" else WAYS[way].right


def live(style: str, where: Places, rows: list[LedgerRow]) -> None:
    """What everybody draws with, since when and why, and the way back."""
    number, before = where.state.holder("production"), where.state.before()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if number is None:
            st.markdown("**Nothing is in production.** Open a version below and put it there.")
        else:
            put = [r for r in rows if (r.version, r.to_stage) == (number, "production")]
            last = next(row for row in reversed(put) if row.state == "done")
            st.markdown(
                f"**Version {number} is in production**  \nSince {ui.moment(last.at)}, by "
                f"{ui.plain(last.actor)}: {ui.plain(last.reason)}"
            )
        if before is not None:
            button("back", style, before, number)
        elif number is not None:
            st.caption(
                "It is the first in production, so there is none to go back to. *Take out of "
                f"production* on version {number} leaves nobody with it."
            )


def buttons(style: str, number: int, where: Places, drawn: bool) -> None:
    """The moves that this version can make now; `drawn`: pictures can be drawn with it."""
    now, at = where.state.of(number), where.state.holder("production")
    ways = [to for to in ("production", "staging", "candidate", "archived") if to != now]
    if at is not None and at != number and not where.going and drawn:
        ways.insert(1, "rollout")
    if now != "production":
        ways.append("ask")
    with st.container(horizontal=True):
        for way in ways:
            button(way, style, number, at, primary=way == "production")


def button(
    way: str, style: str, number: int, at: int | None, primary: bool = False, request: int = 0
) -> None:
    """The button that opens the dialog; `at` is what is in production."""
    st.button(
        f"{label(way, number, at)} …",
        key=f"open-{way}{f'-{request}' if request else ''}",
        icon=WAYS[way].icon,
        type="primary" if primary else "secondary",
        on_click=_open,
        args=(Move(way, style, number, at, request),),
        **ui.only(right(way, number, at)),
    )


def _open(move: Move) -> None:
    st.session_state[OPEN] = move


def told() -> None:
    """What became of the last move."""
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    if said := st.session_state.pop("moved", None):
        st.success(said, icon=":material/check:")
