"""PostgreSQL goes away at each COMMIT of a promotion: what is said is so, twice pressed is once."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.database import availability, ledger
from studio.database.availability import Unsure
from studio.errors import StudioError
from studio.registry import models, stage_state, stages
from tests.cut_off import a_line, studio_beyond  # noqa: F401

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("how", ["before", "after", "for good"])
@pytest.mark.parametrize("at", [1, 2], ids=["intent", "outcome"])
@pytest.mark.parametrize(
    "what",
    ["promote", *(pytest.param(one, marks=pytest.mark.slow) for one in ("roll back", "from 2"))],
)
def test_a_commit_that_was_cut_off(engine, client, line, new_style, monkeypatch, what, at, how):
    monkeypatch.setattr(availability, "ASKED", 0.2)
    style = new_style(3)

    def move(number, why, held, second=0):
        stages.promote(
            engine,
            client,
            style=style,
            number=number,
            to="production",
            actor="ana",
            why=why,
            now=START + timedelta(seconds=second),
            expect=held,
        )

    move(1, "first", 0)
    move(2, "second", 1)

    def press(second):
        if what == "promote":
            move(3, "mine", 2, second)
        else:
            stages.rollback(
                engine,
                client,
                style=style,
                actor="ana",
                why="mine",
                expect=2 if what == "from 2" else None,
                now=START + timedelta(seconds=second),
            )

    line.cut(how, at)
    told = None
    try:
        press(1)
    except StudioError as error:
        told = error
    line.mend()
    assert line.cuts == 1
    mine = [row for row in ledger.rows(engine, style) if row.reason == "mine"]
    if told is None:  # said to be done: it is
        assert how == "after" and [row.state for row in mine] == ["done"]
    elif isinstance(told, Unsure):
        assert "before you do it again" in told.remedy and len(mine) == 1
    else:  # said not to be stored: nothing is
        assert (how, at) == ("before", 1) and mine == []
    press(5)
    done = [row for row in ledger.rows(engine, style) if row.reason == "mine"]
    assert [row.state for row in done] == ["done"]
    live = 3 if what == "promote" else 1
    assert models.aliases(client, style)["production"] == live
    assert stage_state.standing(engine, style).holder("production") == live


def test_what_is_read_after_a_change_does_not_make_it_fail(
    engine, client, line, new_style, monkeypatch
):
    """The ledger's head is written to MLflow last; a database that is away by then changes
    nothing of what was done."""
    style, real = new_style(1), stages.keep_head

    def away_by_then(*given):
        line.open = False
        engine.dispose()
        real(*given)

    monkeypatch.setattr(stages, "keep_head", away_by_then)
    done = stages.promote(
        engine, client, style=style, number=1, to="production", actor="ana", why="mine", now=START
    )
    line.mend()
    assert done.number == 1 and stages.production(engine, style) == 1
