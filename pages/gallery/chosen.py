"""What somebody chose in the gallery: kept while they page on, let go when something was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from studio.assets.listing import Listed
from studio.assets.verdicts_of_many import MOST, Changed

SEEN = 10_000  # whose turns are kept


@dataclass(frozen=True)
class Done:
    """What was done with many and can be undone: in words, and either the verdicts of before or
    the board on which they were put (`on`) or from which they were taken."""

    says: str
    changed: tuple[Changed, ...] = ()
    board: str = ""
    ids: tuple[str, ...] = ()
    on: bool = True


@dataclass
class Chosen:
    """Ids in the order in which they were chosen, each with the turn that was seen. `mark` counts
    up when it changes otherwise than by a click, so that the browser takes it over. `asks` is the
    dialog that stands open, however often the page is drawn meanwhile."""

    turns: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    mark: int = 0
    done: Done | None = None
    asks: str = ""

    @property
    def ids(self) -> list[str]:
        return list(self.turns)


def held() -> Chosen:
    """This window's."""
    found: Chosen = st.session_state.setdefault("gallery-chosen", Chosen())
    return found


def see(chosen: Chosen, shown: Sequence[Listed]) -> None:
    """These are on the page: whoever chooses one saw it so."""
    chosen.seen |= {one.id: one.turn for one in shown}
    for id in list(chosen.seen)[: max(0, len(chosen.seen) - SEEN)]:
        del chosen.seen[id]


def clicked(chosen: Chosen, ids: object) -> None:
    """The browser says which are chosen now."""
    listed = [id for id in ids if isinstance(id, str)] if isinstance(ids, list) else []
    known = chosen.seen | chosen.turns
    chosen.turns = {id: chosen.turns.get(id, known[id]) for id in listed[:MOST] if id in known}
    if len(listed) > MOST:
        chosen.mark += 1


def choose(chosen: Chosen, found: Iterable[Listed]) -> None:
    """Choose these as well, as far as so many may be."""
    for one in found:
        if len(chosen.turns) < MOST:
            chosen.turns.setdefault(one.id, one.turn)
    chosen.mark += 1


def ask(chosen: Chosen, what: str) -> None:
    """Open one of the dialogs."""
    chosen.asks = what


def dismissed() -> None:
    """The dialog was closed."""
    held().asks = ""


def clear(chosen: Chosen) -> None:
    """Choose none."""
    chosen.turns = {}
    chosen.mark += 1
