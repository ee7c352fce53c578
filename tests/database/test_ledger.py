"""The ledger only grows: SQL itself refuses every change, and the chain shows what came past it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from studio.database import ledger
from studio.database.engine import migrate, open_database, revision, unmigrate, writing

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
        "UPDATE ledger SET state = 'done' WHERE id = 2",
        "UPDATE ledger SET hash = 'x' WHERE id = 2",
        "UPDATE ledger SET state = 'lost' WHERE id = 2",
        "INSERT INTO ledger (id, at, actor, action, reason, state) VALUES "
        "(1, 'x', 'x', 'x', 'x', 'done') ON CONFLICT (id) DO UPDATE SET reason = 'x'",
        "INSERT OR REPLACE INTO ledger (id, at, actor, action, reason, state) "
        "VALUES (1, 'x', 'x', 'x', 'x', 'done')",
        "TRUNCATE ledger CASCADE",
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
    assert [row.id for row in ledger.rows(engine)] == [1, 2]
    assert revision(engine) == counted + 1
    with pytest.raises(IntegrityError):
        with writing(engine) as connection:
            ledger.settle(connection, 2, "failed")
    with pytest.raises(ValueError, match="not an intent"):
        with writing(engine) as connection:
            ledger.settle(connection, 1, "failed")
    assert ledger.flaws(engine) == []


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE ledger SET reason = 'better' WHERE id = 1", "Row 1"),
        ("UPDATE ledger SET state = 'failed' WHERE id = 3", "Row 3"),
        ("UPDATE ledger SET at = '2025' WHERE id = 2", "Row 2"),
        ("DELETE FROM ledger WHERE id = 2", "between 1 and it"),
    ],
)
def test_a_row_changed_behind_the_studios_back_is_found(engine: Engine, statement, row):
    with writing(engine) as connection:
        ledger.settle(connection, 2, "done")
        newest = ledger.head(connection, "items")
        assert ledger.holds(connection, newest)
    drop = "DROP TRIGGER {}" + (" ON ledger" if engine.dialect.name == "postgresql" else "")
    with writing(engine) as connection:
        for name in ("ledger_keeps", "ledger_stays"):
            connection.exec_driver_sql(drop.format(name))
        connection.exec_driver_sql(statement)
    assert row in ledger.flaws(engine)[0]


def test_a_ledger_of_before_is_chained_and_can_go_back(tmp_path: Path, either_database: str):
    engine = open_database(tmp_path)
    with writing(engine) as connection:
        unmigrate(connection, "0007")
        for state in ("done", "intent", "intent"):
            connection.exec_driver_sql(
                "INSERT INTO ledger (at, actor, action, reason, state) "
                f"VALUES ('2026', 'ana', 'promote', 'sharper', '{state}')"
            )
        migrate(connection)
        ledger.settle(connection, 2, "failed")
    assert ledger.flaws(engine) == []
    states = [row.state for row in ledger.rows(engine)]
    assert states == ["done", "failed", "intent"]
    with writing(engine) as connection:
        unmigrate(connection, "0007")
        kept = connection.exec_driver_sql("SELECT state FROM ledger ORDER BY id").fetchall()
        assert [state for (state,) in kept] == states
        migrate(connection)


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
