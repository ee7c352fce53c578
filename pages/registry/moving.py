"""Moves of a version: what is in production, and the forms that change it, each with a reason."""

from typing import Any

import streamlit as st

from studio import ledger, ui, workflows
from studio.errors import StudioError
from studio.registry import stages, words
from studio.registry.models import Version
from studio.registry.standing import DISPLACED, Standing

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
            last = [r for r in rows if (r.version, r.to_stage, r.state) == (number, "production",
                                                                           "done")]  # fmt: skip
            if last:
                row = last[-1]
                st.caption(f"Since {ui.moment(row.at)}, by {ui.plain(row.actor)}: "
                           f"{ui.plain(row.reason)}")  # fmt: skip
        if before is None:
            return
        with st.popover(f"Go back to version {before}", icon=":material/history:"):
            st.markdown(words.outlook("production", before, state.of(before), number))
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
                st.markdown(words.outlook(to, version.number, now, held))
                sure = f"{label}: version {version.number}"
                right = "promote" if "production" in (to, now) else "stage"
                _reason(right, to, sure, move, version.style, version.number, to, held, now)


def _reason(right: str, name: str, label: str, done: Any, *given: Any) -> None:
    """The reason, who gives it, and the button that does it."""
    key = f"why-{name}-{'-'.join(map(str, given))}"
    st.text_area("Why", key=key, max_chars=stages.REASON, height=80,
                 placeholder="Everybody will read this in the history")  # fmt: skip
    st.caption(f"It is written down as done by {ui.plain(ui.person())}.")
    st.button(label, type="primary", key=f"do-{name}", on_click=done, args=(key, *given),
              **ui.only(right))  # fmt: skip


def move(key: str, style: str, number: int, to: str, held: int | None, stage: str) -> None:
    """Move the version, unless somebody changed something since the page was drawn."""
    _change(
        key, f"Version {number} is {words.STAGES[to]} now.", stages.promote, style=style,
        number=number, to=to, expect=(held or 0) if to in DISPLACED else None, expect_stage=stage,
    )  # fmt: skip


def back(key: str, style: str, held: int) -> None:
    """Go back to the version before, unless somebody changed production meanwhile."""
    _change(key, "The version before is in production again.", stages.rollback, style=style,
            expect=held)  # fmt: skip


def _change(key: str, said: str, call: Any, **given: Any) -> None:
    studio, state = ui.opened(), st.session_state
    try:
        call(studio.engine, studio.client, actor=ui.person(), now=workflows.now(),
             why=state.get(key, ""), **given)  # fmt: skip
    except StudioError as error:
        state["refused"] = error
    else:
        state["moved"], state[key] = said, ""


def told() -> None:
    """What became of the last move."""
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    if said := st.session_state.pop("moved", None):
        st.success(said, icon=":material/check:")
