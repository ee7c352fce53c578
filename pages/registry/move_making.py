"""A move is made: with what the person typed, and refused where somebody else was first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.registry.moves import OPEN, WAYS, Move
from studio import context
from studio.errors import StudioError
from studio.registry import rollout, stages
from studio.registry.stage_state import DISPLACED
from studio.tracking import client
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.workflows import release

REFUSED = "move refused"  # in the session: why, for the dialog to show


@dataclass(frozen=True)
class Seen:
    """What the dialog showed: who held the stage (None: nobody), where the version was, and the
    rollout under way."""

    held: int | None
    stage: str
    rolling: int | None


def make(move: Move, draft: Draft, seen: Seen) -> None:
    """As a callback: make the move; the dialog stays open where it is refused."""
    state = st.session_state
    said = {name: drafts.value(draft, name) for name in draft.saved}
    try:
        _make(session.studio(), move, said, seen)
    except StudioError as error:
        state[REFUSED] = error
    except Exception as error:
        refused = client.away(error)
        if refused is None:
            raise
        state[REFUSED] = refused
    else:
        close()
        drafts.drop(draft)
        state["moved"] = WAYS[move.way].done.format(move.number)


def close() -> None:
    """As a callback: the dialog goes; what was typed stays for the next time."""
    st.session_state.pop(OPEN, None)
    st.session_state.pop(REFUSED, None)


def _make(studio: context.Studio, move: Move, said: dict[str, Any], seen: Seen) -> None:
    version: Any = {"style": move.style, "number": move.number}
    about: Any = {"actor": ui.person(), "now": context.now()}
    why, override = said["why"], said["override"]
    match move.way:
        case "back":
            held = seen.held or 0
            stages.rollback(
                studio.engine, studio.client, style=move.style, why=why, expect=held, **about
            )
        case "rollout":
            people, percent = said["people"].split(","), float(said["percent"])
            release.begin_rollout(
                studio,
                why=why,
                override=override,
                people=people,
                percent=percent,
                **version,
                **about,
            )
        case "whole":
            release.complete_rollout(
                studio,
                style=move.style,
                why=why,
                override=override,
                expect=seen.rolling,
                **about,
            )
        case "end":
            rollout.abort(
                studio.engine,
                studio.client,
                style=move.style,
                why=why,
                expect=seen.rolling,
                **about,
            )
        case "accept":
            release.accept(studio, move.request, answer=why, override=override, **about)
        case "ask":
            release.ask(studio, why=why, **version, **about)
        case to:
            release.promote(
                studio,
                to=to,
                why=why,
                override=override,
                expect=(seen.held or 0) if to in DISPLACED else None,
                expect_stage=seen.stage,
                **version,
                **about,
            )
