"""The order of jobs that wait, and the moment before which they do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import leases, queue, queue_order

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
TONIGHT = NOW + timedelta(hours=8)
LEASE = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    return db.open_database(tmp_path)


def ask(engine, at=None, kind="train", lane="work"):
    return queue.submit(
        engine, kind=kind, lane=lane, payload={}, asked_by="ana", now=NOW, not_before=at
    ).id


def take(engine, now):
    job = leases.take(engine, "w", "work", now, LEASE)
    return job.id if job else None


def test_a_job_waits_for_its_time_and_holds_nothing_up(engine):
    night, soon = ask(engine, TONIGHT), ask(engine)
    assert take(engine, NOW) == soon
    leases.finish(engine, soon, 1, {}, NOW)
    assert take(engine, TONIGHT - timedelta(seconds=1)) is None
    assert take(engine, TONIGHT) == night


def test_the_order_is_as_people_put_it(engine):
    one, two, three = (ask(engine, TONIGHT) for _ in range(3))
    later = ask(engine)
    queue_order.put_before(engine, three, one, "ana")
    # One that could begin at once was in its person's first turn.
    assert [job.id for job in queue_order.waiting(engine, ["train"])] == [three, one, later, two]
    queue_order.put_before(engine, two, three, "ana")
    order = [job.id for job in queue_order.waiting(engine, ["train"])]
    assert order == [two, three, one, later]
    taken = []
    while (id := take(engine, TONIGHT)) is not None:
        taken.append(id)
        leases.fail(engine, id, 1, "It broke.", "", TONIGHT)  # the next goes on
    assert taken == order


def test_what_has_begun_is_not_moved(engine):
    one, two = ask(engine), ask(engine)
    assert take(engine, NOW) == one
    with pytest.raises(StudioError, match=f"Job {one} does not wait any more"):
        queue_order.put_before(engine, two, one, "ana")
    with pytest.raises(StudioError, match="do not wait for the same worker"):
        queue_order.put_before(engine, two, ask(engine, lane="interactive"), "ana")


def test_whoever_is_moved_takes_the_others_time_where_that_stands_in_the_way(engine):
    night, late, soon = ask(engine, TONIGHT), ask(engine, TONIGHT + LEASE), ask(engine)
    queue_order.put_before(engine, late, night, "ana")
    queue_order.put_after(engine, soon, night, "ana")
    found = queue_order.waiting(engine, ["train"])
    assert [job.id for job in found] == [late, night, soon]
    assert {queue_order.own_time(job) for job in found} == {TONIGHT}
    queue_order.put_before(engine, night, late, "ana")
    queue_order.put_after(engine, late, soon, "ana")
    assert [job.id for job in queue_order.waiting(engine, ["train"])] == [night, soon, late]


def test_ones_own_is_put_behind_another_persons(engine):
    others = queue.submit(engine, kind="train", lane="work", payload={}, asked_by="bo", now=NOW).id
    mine = queue.submit(engine, kind="train", lane="work", payload={}, asked_by="ana", now=NOW).id
    ana = Actor("ana", "artist")
    queue_order.put_before(engine, mine, others, ana)
    queue_order.put_after(engine, mine, others, ana)
    assert [job.id for job in queue_order.waiting(engine, ["train"])] == [others, mine]
    for move in (queue_order.put_before, queue_order.put_after):
        with pytest.raises(NotAllowed):
            move(engine, others, mine, ana)
    with pytest.raises(NotAllowed):
        queue_order.pause(engine, [others, mine], ana)
    assert not any(queue_order.held(job) for job in queue_order.waiting(engine, ["train"]))


def test_what_was_paused_waits_for_its_own_time_again(engine):
    night, soon = ask(engine, TONIGHT), ask(engine)
    for _ in range(2):  # pausing what is paused changes nothing
        assert queue_order.pause(engine, [night, soon], "ana") == 2
    paused = {job.id: job for job in queue_order.waiting(engine, ["train"])}
    assert all(queue_order.held(job) for job in paused.values())
    assert (
        queue_order.own_time(paused[night]) == TONIGHT
        and queue_order.own_time(paused[soon]) is None
    )
    assert take(engine, TONIGHT) is None
    queue_order.put_before(engine, soon, night, "ana")  # and moving it does not wake it
    assert take(engine, TONIGHT) is None
    assert queue_order.go_on(engine, [night, soon], "ana") == 2
    assert take(engine, NOW) == soon and take(engine, NOW) is None
    leases.finish(engine, soon, 1, {}, NOW)
    assert take(engine, TONIGHT) == night


def test_a_new_time_is_set_for_those_that_still_wait(engine):
    one, two, three = (ask(engine) for _ in range(3))
    assert take(engine, NOW) == one
    assert queue_order.begin_at(engine, [one, two], TONIGHT, "ana") == 1
    assert queue.get(engine, one).not_before is None
    assert take(engine, NOW) == three
    queue_order.begin_at(engine, [two], None, "ana")
    assert take(engine, NOW) == two


def test_only_what_comes_first_counts_as_ahead(engine):
    night, day = ask(engine, TONIGHT), ask(engine)
    assert queue.ahead(engine, queue.get(engine, day)) == 0
    last = ask(engine, TONIGHT)
    assert queue.ahead(engine, queue.get(engine, last)) == 2
    queue_order.put_before(engine, last, night, "ana")
    assert queue.ahead(engine, queue.get(engine, last)) == 0
