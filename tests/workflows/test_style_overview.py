"""Every style at a glance, from real rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studio import context
from studio.database import ledger
from studio.database.engine import writing
from studio.registry import requests
from studio.settings import load_settings
from studio.workflows import style_overview
from tests.workflows.versions import version

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = tmp_path_factory.mktemp("studio") / "home"
    opened = context.open_studio(load_settings({}, home=str(home)))
    yield opened
    opened.engine.dispose()


def moved(studio, style: str, number: int, *, state: str = "done", days: int = 0) -> None:
    """A move into production, written as a promotion writes it."""
    with writing(studio.engine) as connection:
        row = ledger.record(
            connection,
            at=NOW + timedelta(days=days),
            actor="Lea",
            action="promote",
            style=style,
            version=number,
            to_stage="production",
            reason=f"version {number} is calmer",
            state="intent",
        )
        ledger.settle(connection, row, state)


def test_what_is_in_production_comes_first_with_who_put_it_there(studio) -> None:
    versions = [version("gems", 2), version("props", 7), version("props", 6, "production")]
    moved(studio, "props", 5)
    moved(studio, "props", 6, days=1)
    moved(studio, "props", 7, state="failed", days=2)
    ask = {"style": "props", "number": 7, "actor": "bo", "why": "hands", "now": NOW}
    requests.ask(studio.engine, **ask)
    props, gems = style_overview.overviews(studio, versions)
    assert (props.style, props.live.number, props.newest.number) == ("props", 6, 7)
    assert (props.candidates, props.requests, props.rollout) == (1, 1, None)
    told = props.promoted
    assert (told.version, told.by, told.why) == (6, "Lea", "version 6 is calmer")
    assert told.at == ledger.stamp(NOW + timedelta(days=1))
    assert (gems.live, gems.promoted, gems.candidates) == (None, None, 1)


def test_a_move_by_hand_is_not_told_as_the_ledgers_last(studio) -> None:
    moved(studio, "props", 5)
    versions = [replace(version("props", 6), stage="production")]
    (props,) = style_overview.overviews(studio, versions)
    assert props.promoted is None
