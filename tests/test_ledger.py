"""The ledger only grows: SQL itself refuses everything but an intent's outcome."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from studio import ledger
from studio.db import open_database, revision, writing

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path, either_database: str) -> Engine:
    engine = open_database(tmp_path)
    with writing(engine) as connection:
        for state in ("done", "intent"):
            ledger.record(
                connection,
                at=NOW,
                actor="ana",
                action="promote",
                reason="sharper",
                style="items",
                version=2,
                from_stage="staging",
                to_stage="production",
                state=state,
            )
    return engine


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger WHERE id = 1",
        "DELETE FROM ledger",
        "UPDATE ledger SET reason = 'other' WHERE id = 1",
        "UPDATE ledger SET reason = 'other', state = 'done' WHERE id = 2",
        "UPDATE ledger SET previous = 1, state = 'done' WHERE id = 2",  # NULL before
        "UPDATE ledger SET id = 9, state = 'done' WHERE id = 2",
        "UPDATE ledger SET state = 'intent' WHERE id = 2",
        "UPDATE ledger SET state = 'failed' WHERE id = 1",
        "UPDATE ledger SET state = 'lost' WHERE id = 2",
        "INSERT INTO ledger (id, at, actor, action, reason, state) VALUES "
        "(1, 'x', 'x', 'x', 'x', 'done') ON CONFLICT (id) DO UPDATE SET reason = 'x'",
        "INSERT OR REPLACE INTO ledger (id, at, actor, action, reason, state) "
        "VALUES (1, 'x', 'x', 'x', 'x', 'done')",
        "TRUNCATE ledger",
    ],
)
def test_sql_refuses_to_change_what_was_written(engine: Engine, statement: str):
    before = ledger.rows(engine)
    if statement.startswith("TRUNCATE" if engine.dialect.name == "sqlite" else "INSERT OR"):
        pytest.skip("only the other database knows this")
    with pytest.raises(IntegrityError, match="only grows"):
        with writing(engine) as connection:
            connection.exec_driver_sql(statement)
    assert ledger.rows(engine) == before


@pytest.mark.parametrize("state", ["done", "failed"])
def test_an_intent_is_settled_once(engine: Engine, state):
    counted = revision(engine)
    with writing(engine) as connection:
        ledger.settle(connection, 2, state)
    assert ledger.rows(engine)[1].state == state
    assert revision(engine) == counted + 1
    with pytest.raises(IntegrityError):
        with writing(engine) as connection:
            ledger.settle(connection, 2, "failed")


def test_rows_are_read_back_by_style(engine: Engine):
    with writing(engine) as connection:
        ledger.record(connection, at=NOW, actor="bo", action="import", reason="new pictures")
    assert [row.id for row in ledger.rows(engine)] == [1, 2, 3]
    assert [row.id for row in ledger.rows(engine, "items")] == [1, 2]
    row = ledger.rows(engine)[2]
    assert (row.actor, row.style, row.version, row.state) == ("bo", None, None, "done")


def test_moments_sort_as_text():
    east = NOW.replace(tzinfo=timezone(timedelta(hours=2)))
    assert ledger.stamp(east) == "2026-01-01T10:00:00.000000+00:00"
    assert ledger.stamp(east) < ledger.stamp(NOW) < ledger.stamp(NOW + timedelta(microseconds=1))
    with pytest.raises(ValueError, match="time zone"):
        ledger.stamp(datetime(2026, 1, 1))
