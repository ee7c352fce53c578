"""Fairness between people: nobody's hundreds keep another's single job waiting for all of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.database import engine as db
from studio.jobs import leases, queue, queue_order
from studio.jobs.table import jobs

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
TONIGHT = NOW + timedelta(hours=8)
LEASE = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    return db.open_database(tmp_path)


def ask(engine, by, count=1, at=None, lane="interactive"):
    return [
        queue.submit(
            engine, kind="generate", lane=lane, payload={}, asked_by=by, now=NOW, not_before=at
        ).id
        for _ in range(count)
    ]


def served(engine, count, now=NOW, lane="interactive"):
    """Who is served, one job after the other."""
    found = []
    for _ in range(count):
        job = leases.take(engine, "w", lane, now, LEASE)
        if job is None:
            break
        found.append(job.asked_by)
        leases.finish(engine, job.id, job.attempt, {}, now)
    return found


def test_one_drawing_waits_for_one_of_anothers_two_hundred(engine):
    ask(engine, "ana", 200)
    (single,) = ask(engine, "ben")
    assert queue.ahead(engine, queue.get(engine, single)) == 1
    assert served(engine, 3) == ["ana", "ben", "ana"]
    ask(engine, "cleo")  # whoever comes while the hundreds are drawn is next
    ask(engine, "ben")
    assert served(engine, 4) == ["cleo", "ben", "ana", "ana"]


def test_several_people_are_served_in_turn_each_ones_oldest_first(engine):
    mine = {who: ask(engine, who, 3) for who in ("ana", "ben", "cleo")}
    taken = [leases.take(engine, "w", "interactive", NOW, LEASE) for _ in range(9)]
    assert [job.asked_by for job in taken] == ["ana", "ben", "cleo"] * 3
    for who, ids in mine.items():
        assert [job.id for job in taken if job.asked_by == who] == ids


def test_one_who_asks_again_and_again_keeps_nobody_out(engine):
    ask(engine, "ana", 4)
    order = []
    for _ in range(4):  # asks for the next one as soon as the one before is drawn
        ask(engine, "ben")
        order += served(engine, 2)
    assert order.count("ana") == 4 and order.count("ben") == 4
    assert "ben ben" not in " ".join(order)


def test_what_waits_for_tonight_costs_nobody_their_turn_by_day(engine):
    ask(engine, "ana", 50, TONIGHT)
    ask(engine, "ben", 20)
    ask(engine, "ana")
    assert served(engine, 3) == ["ben", "ana", "ben"]
    ask(engine, "cleo", 2, TONIGHT)
    assert served(engine, 4, TONIGHT) == ["ana", "ana", "cleo", "ana"]


def test_turns_are_of_one_lane(engine):
    ask(engine, "ana", 5, lane="work")
    ask(engine, "ana", 2)
    ask(engine, "ben")
    assert served(engine, 3) == ["ana", "ben", "ana"]


def test_a_job_whose_worker_was_killed_keeps_its_turn(engine):
    first, second = ask(engine, "ana", 2)
    ask(engine, "ben")
    taken = leases.take(engine, "w", "interactive", NOW, LEASE)
    later = NOW + 2 * LEASE
    again = leases.take(engine, "other", "interactive", later, LEASE)
    assert (again.id, again.attempt, again.lost) == (first, 2, 1) == (taken.id, 2, 1)
    assert leases.lose(engine, first, 2, "killed", later)
    assert [leases.take(engine, "w", "interactive", later, LEASE).id for _ in range(3)][::2] == [
        first,
        second,
    ]


def test_who_orders_their_own_costs_nobody_else_a_place(engine):
    one, two, three = ask(engine, "ana", 3)
    (bens,) = ask(engine, "ben")
    queue_order.put_before(engine, three, one, "ana")
    wanted = [three, bens, one, two]
    assert [job.id for job in queue_order.waiting(engine, ["generate"])] == wanted
    (later,) = ask(engine, "cleo")
    taken = [leases.take(engine, "w", "interactive", NOW, LEASE).id for _ in range(5)]
    assert taken == [three, bens, later, one, two]


def test_what_waited_before_people_had_turns_keeps_its_order(engine):
    ids = [ask(engine, who)[0] for who in ("ana", "ana", "ben", "ana")]
    with db.writing(engine) as connection:  # as the migration leaves them
        connection.execute(jobs.update().values(turn=0))
    assert [job.id for job in queue_order.waiting(engine, ["generate"])] == ids
    assert ask(engine, "cleo") and served(engine, 5) == ["ana", "ana", "ben", "ana", "cleo"]


def test_the_turn_is_found_without_a_look_at_all_jobs(engine):
    if db.is_postgres(engine):
        pytest.skip("SQLite tells its plan in words")
    seen = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(connection, cursor, statement, parameters, context, many):
        if statement.startswith("SELECT jobs.turn"):
            seen.append((statement, parameters))

    ask(engine, "ana")
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 2
    with engine.connect() as connection:
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            told = " ".join(row[-1] for row in plan)
            assert "USING INDEX jobs_turn" in told and "B-TREE" not in told
