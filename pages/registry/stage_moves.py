"""Moves of a version: what is in production, and the forms that change it, each with a reason."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.registry.gates import OVERRIDE, OVERRIDE_HELP, shown
from studio import context
from studio.database import ledger
from studio.errors import StudioError
from studio.registry import history_text, stages
from studio.registry.gates import Checked
from studio.registry.models import Version
from studio.registry.stage_state import DISPLACED, Standing
from studio.tracking import client
from studio.web import session, ui
from studio.workflows import release

LABELS = {
    "production": ("Put into production", ":material/rocket_launch:"),
    "staging": ("Put into staging", ":material/hourglass_top:"),
    "candidate": ("Make a candidate again", ":material/undo:"),
    "archived": ("Archive", ":material/archive:"),
}


def live(style: str, state: Standing, rows: list[ledger.LedgerRow]) -> None:
    """What everybody draws with, since when and why, and the way back."""
    number, before = state.holder("production"), state.before()
    with st.container(border=True):
        if number is None:
            st.markdown("**Nothing is in production.** Open a version below and put it there.")
        else:
            st.markdown(f"**Version {number} is in production**")
            last = [
                r
                for r in rows
                if (r.version, r.to_stage, r.state) == (number, "production", "done")
            ]
            if last:
                row = last[-1]
                st.caption(
                    f"Since {ui.moment(row.at)}, by {ui.plain(row.actor)}: {ui.plain(row.reason)}"
                )
        if before is None:
            return
        with st.popover(f"Go back to version {before}", icon=":material/history:"):
            st.markdown(history_text.outlook("production", before, state.of(before), number))
            _reason("roll back", "back", f"Go back to version {before}", back, style, number or 0)


def forms(version: Version, state: Standing) -> None:
    """The stages that this version can go to, each with what would happen and a reason."""
    now = state.of(version.number)
    with st.container(horizontal=True):
        for to, (label, icon) in LABELS.items():
            if to == now:
                continue
            held = state.holder(to) if to in DISPLACED else None
            with st.popover(label, icon=icon):
                st.markdown(history_text.outlook(to, version.number, now, held))
                sure = f"{label}: version {version.number}"
                right = "promote" if "production" in (to, now) else "stage"
                if to == "production":
                    _gates(version)
                _reason(right, to, sure, move, version.style, version.number, to, held, now)


def gates_of(studio: context.Studio, style: str, number: int) -> list[Checked]:
    """The style's gates held against a version; a file that is wrong is said, and keeps all out."""
    try:
        return release.held(studio, style, number)
    except StudioError as error:
        ui.failed(error)
        return []


def _gates(version: Version) -> None:
    """What the style asks for, and room for the reason of who overrides it."""
    checked = gates_of(session.studio(), version.style, version.number)
    shown(checked)
    if any(not one.met for one in checked):
        st.text_area(
            OVERRIDE,
            help=OVERRIDE_HELP,
            key=f"over-{version.number}",
            max_chars=stages.REASON,
            height=80,
        )


def _reason(right: str, name: str, label: str, done: Any, *given: Any) -> None:
    """The reason, who gives it, and the button that does it."""
    key = f"why-{name}-{'-'.join(map(str, given))}"
    st.text_area(
        "Why",
        key=key,
        max_chars=stages.REASON,
        height=80,
        placeholder="Everybody will read this in the history",
    )
    st.caption(f"It is written down as done by {ui.plain(ui.person())}.")
    st.button(
        label, type="primary", key=f"do-{name}", on_click=done, args=(key, *given), **ui.only(right)
    )


def move(key: str, style: str, number: int, to: str, held: int | None, stage: str) -> None:
    """Move the version, unless somebody changed something since the page was drawn."""
    over = st.session_state.get(f"over-{number}", "")
    done(
        lambda studio, why: release.promote(
            studio,
            style=style,
            number=number,
            to=to,
            actor=ui.person(),
            why=why,
            now=context.now(),
            expect=(held or 0) if to in DISPLACED else None,
            expect_stage=stage,
            override=over,
        ),
        f"Version {number} is {history_text.STAGES[to]} now.",
        key,
    )


def back(key: str, style: str, held: int) -> None:
    """Go back to the version before, unless somebody changed production meanwhile."""
    done(
        lambda studio, why: stages.rollback(
            studio.engine,
            studio.client,
            style=style,
            actor=ui.person(),
            why=why,
            now=context.now(),
            expect=held,
        ),
        "The version before is in production again.",
        key,
    )


def done(call: Callable[[context.Studio, str], Any], said: str, key: str) -> None:
    """Do it with the reason in the field `key`; what became of it is told on the next page."""
    state = st.session_state
    try:
        call(session.studio(), state.get(key, "") if key else "")
    except StudioError as error:
        state["refused"] = error
    except Exception as error:
        refused = client.away(error)
        if refused is None:
            raise
        state["refused"] = refused
    else:
        state["moved"] = said
        if key:
            state[key] = ""


def told() -> None:
    """What became of the last move."""
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    if said := st.session_state.pop("moved", None):
        st.success(said, icon=":material/check:")
