"""Jobs computed by a real machine on loopback: the same as here, once, whatever is killed."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.charges import charge as charges
from studio.charges.limits import LimitReached
from studio.context import Studio, open_studio
from studio.errors import StudioError
from studio.jobs import emit, queue, queue_order
from studio.jobs.table import Job, events
from studio.remote import client, machines, runs, versions
from studio.remote.tables import machine_runs
from studio.settings import load_settings
from studio.worker import machine_ends, submit
from studio.worker.kind_table import KINDS
from studio.worker.machine import tokens
from tests.worker import killing, toy_kind
from tests.worker.machine.box import Box, limited
from tests.worker.toy_kind import TOY

pytestmark = pytest.mark.slow
PRICE = "0.001234"  # USD a second
MICROS = 1_234


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    made = Box(tmp_path_factory.mktemp("box"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def slow_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    made = Box(tmp_path_factory.mktemp("slow"), pause=0.4)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setitem(KINDS, TOY.name, TOY)
    given = {"STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8"}
    opened = open_studio(load_settings(given, home=str(tmp_path / "home")))
    yield opened
    opened.engine.dispose()


def spell(studio: Studio, where: str = "attic", word: str = "badge", most: int = 3) -> int:
    asked = {"word": word, "most": most}
    job = submit.ask(studio, "toy", asked, asked_by="ana", now=datetime.now(UTC), where=where)
    return job.id


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def rows(studio: Studio, job: int) -> list[str]:
    c = toy_kind.letters.c
    with studio.engine.connect() as connection:
        found = connection.execute(sa.select(c.letter).where(c.job == job).order_by(c.place))
        return list(found.scalars())


def words(studio: Studio, job: int) -> list[str]:
    c = toy_kind.words.c
    with studio.engine.connect() as connection:
        return list(connection.execute(sa.select(c.word).where(c.job == job)).scalars())


def once(studio: Studio, job: Job) -> None:
    """The job is done, all of it once, as where it is computed here."""
    assert job.state == "done", job.error
    assert (rows(studio, job.id), words(studio, job.id)) == (["b", "a", "d"], ["bad"])
    assert job.result is not None and job.result["letters"] == 3
    assert json.loads((studio.home / job.result["file"]).read_text()) == "bad"
    told = emit.read(studio.home / "toy" / str(job.id))
    assert [event.number for event in told] == list(range(1, 7))
    with studio.engine.connect() as connection:
        left = connection.execute(sa.select(events).where(events.c.job == job.id)).all()
    assert left == []


def closed(studio: Studio, box: Box) -> None:
    """Nothing is left on the machine, and every charge is what the machine's bill says."""

    def all_closed() -> bool:
        machine_ends.close_left(studio)
        c = machine_runs.c
        with studio.engine.connect() as connection:
            open_ = sa.select(c.id).where(c.closed_at.is_(None))
            return connection.execute(open_).first() is None

    until(all_closed)
    assert box.runs == []
    with box.asked() as connection:
        bill = client.bill(connection)
    with studio.engine.connect() as connection:
        sent = connection.execute(
            sa.select(machine_runs).where(machine_runs.c.sent_at.is_not(None))
        ).all()
    for run in sent:
        assert run.computed_ms == bill[run.id]
        if run.charge is not None:
            charge = charges.get(studio.engine, run.charge)
            assert charge.actual == -(-bill[run.id] * MICROS // 1_000)
            assert charge.state in ("done", "failed") and charge.reference in (run.id, None)


def test_a_job_is_computed_there_and_committed_here(studio: Studio, box: Box) -> None:
    box.added(studio)
    here = killing.done(studio, spell(studio, "here"))
    there = killing.done(studio, spell(studio))
    assert (there.lane, there.where) == ("elsewhere", "attic")
    once(studio, there)
    assert there.result == here.result  # by its hash, too
    assert (there.phase, there.unit) == ("spelling", "letters")
    closed(studio, box)
    with box.asked() as connection:  # what it needed stays a while, and is not sent again
        assert client.missing(connection, [str(there.result["file"])[4:68]]) == {}
    log = queue.read_log(studio.home, there)
    assert "b of badge" in log or there.says


def test_what_it_costs_is_held_before_and_is_the_machines_bill_after(
    studio: Studio, box: Box
) -> None:
    box.added(studio, price=PRICE, seconds=60)
    with pytest.raises(LimitReached, match="no limit is set for USD"):
        spell(studio)
    limited(studio, 60 * MICROS)
    first, second = spell(studio), spell(studio)  # the door holds no money: the run does
    once(studio, killing.done(studio, first))
    late = killing.done(studio, second)
    assert late.state == "failed" and "left" in str(late.error)
    closed(studio, box)
    (run,) = (one for one in runs.newest(studio.engine, "attic", 9) if one.job == first)
    assert run.charge is not None and run.computed_ms > 0
    charge = charges.get(studio.engine, run.charge)
    assert (charge.estimate, charge.quantity, charge.job) == (60 * MICROS, run.computed_ms, first)
    (other,) = (one for one in runs.newest(studio.engine, "attic", 9) if one.job == second)
    assert other.sent_at is None


def test_the_cheapest_that_has_room_and_can_do_it_is_chosen(studio: Studio, box: Box) -> None:
    limited(studio, 10**9)
    for name, price in (("dear", "9"), ("cheap", "0.5"), ("gone", "0.1")):
        box.added(studio, name, price)
    address = machines.get(studio.engine, "cheap").address
    port = str(box.port)
    machines.add(
        studio.engine,
        studio.home,
        "gone",
        address.replace(port, "9"),
        box.token,
        networks=studio.settings.private_networks,
        by="ana",
        now=datetime.now(UTC),
    )
    job = killing.done(studio, spell(studio, "cheapest"))
    assert job.state == "done"
    until(lambda: machine_ends.close_left(studio) or box.runs == [])
    sent = [one for one in runs.newest(studio.engine, "cheap", 9) if one.sent_at]
    assert [one.job for one in sent] == [job.id]
    (passed,) = runs.newest(studio.engine, "gone", 9)
    assert passed.sent_at is None and passed.closed_at is not None
    assert passed.charge is None or charges.get(studio.engine, passed.charge).state == "released"


def test_kill_9_of_the_job_anywhere_is_one_run_one_result_one_charge(
    studio: Studio, box: Box
) -> None:
    box.added(studio, price=PRICE, seconds=60)
    limited(studio, 10**9)
    first = spell(studio)
    code, points = killing.attempt(studio, first)
    assert code == 0
    once(studio, queue.get(studio.engine, first))
    wanted = (
        *("meant 1 >", "reserve 1 >", "files 1 >", "send 1 >", "sending 1 <", "sending 1 >"),
        *("run 1 <", "run 1 >", "accept 1 >", "emit.append 1 >", "note 1 >", "answer 1 <"),
        *("answer 2 >", "fetch 1 <", "fetch 1 >", "settled 1 <", "actual 1 >", "settled 1 >"),
        *("outcome.json 1 >", "commit 1 >", "finish 1 >", "forget 1 <", "forget 1 >"),
    )
    assert set(wanted) <= set(points)
    for kill in wanted:
        id = spell(studio)
        assert killing.attempt(studio, id, kill) == (-signal.SIGKILL, []), kill
        job = queue.get(studio.engine, id)
        once(studio, job if job.ended else killing.done(studio, id))
        sent = [one for one in runs.newest(studio.engine, "attic", 99) if one.job == id]
        assert len(sent) == 1, kill
    closed(studio, box)


def test_kill_9_of_the_machine_loses_nothing(studio: Studio, slow_box: Box) -> None:
    slow_box.added(studio, price=PRICE, seconds=60)
    limited(studio, 10**9)
    for letters in (0, 1, 2):
        id = spell(studio)
        done = threading.Thread(target=killing.done, args=(studio, id))
        done.start()
        until(lambda letters=letters, id=id: _told(studio, id) >= letters and slow_box.runs)
        slow_box.kill()
        time.sleep(0.3)
        slow_box.start()
        done.join(90)
        once(studio, queue.get(studio.engine, id))
    closed(studio, slow_box)


def _told(studio: Studio, id: int) -> int:
    try:
        return len(rows(studio, id))
    except sa.exc.OperationalError:  # the toy's table is not made yet
        return 0


def test_cancel_reaches_the_machine(studio: Studio, slow_box: Box) -> None:
    slow_box.added(studio, price=PRICE, seconds=60)
    limited(studio, 10**9)
    id = spell(studio, word="b" * 60, most=99)
    done = threading.Thread(target=killing.done, args=(studio, id))
    done.start()
    until(lambda: _told(studio, id) >= 1)
    asked = time.monotonic()
    queue.cancel(studio.engine, id, "ana", datetime.now(UTC))
    done.join(30)
    assert queue.get(studio.engine, id).state == "cancelled"
    closed(studio, slow_box)
    assert time.monotonic() - asked < 10
    (run,) = runs.newest(studio.engine, "attic", 9)
    assert run.charge is not None
    assert charges.get(studio.engine, run.charge).state == "failed"  # and paid for what it took


def test_a_job_whose_process_was_killed_and_that_was_cancelled_then_is_left_nowhere(
    studio: Studio, slow_box: Box
) -> None:
    """Nobody takes it again: the watcher's look ends it there."""
    slow_box.added(studio)
    id = spell(studio, word="b" * 60, most=99)
    assert killing.attempt(studio, id, "answer 2 >") == (-signal.SIGKILL, [])
    assert queue.cancel(studio.engine, id, "ana", datetime.now(UTC)).state == "cancelled"
    closed(studio, slow_box)


def test_a_token_withdrawn_in_the_middle_is_named_and_loses_nothing(
    studio: Studio, slow_box: Box
) -> None:
    slow_box.added(studio)
    id = spell(studio)
    done = threading.Thread(target=killing.done, args=(studio, id))
    done.start()
    until(lambda: _told(studio, id) >= 1)
    other = tokens.make(slow_box.home, "other", datetime.now(UTC))
    tokens.withdraw(slow_box.home, "studio")
    done.join(60)
    job = queue.get(studio.engine, id)
    assert job.state == "queued" and "attic does not take its key" in job.says
    slow_box.token = other
    slow_box.added(studio)
    leases_again(studio, id)
    once(studio, killing.done(studio, id))
    closed(studio, slow_box)
    slow_box.token = tokens.make(slow_box.home, "studio", datetime.now(UTC))
    tokens.withdraw(slow_box.home, "other")


def leases_again(studio: Studio, id: int) -> None:
    """The minute is over for which it was put off."""
    assert queue_order.begin_at(studio.engine, [id], None, "ana") == 1


def test_a_machine_that_is_another_program_is_refused_before_anything_is_sent(
    studio: Studio, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.added(studio, price=PRICE)
    limited(studio, 10**9)
    monkeypatch.setattr(versions, "torch", lambda: "1.0.0")
    job = killing.done(studio, spell(studio))
    assert job.state == "failed" and "another version of torch" in str(job.error)
    (run,) = runs.newest(studio.engine, "attic", 9)
    assert run.sent_at is None and run.closed_at is not None
    assert box.runs == []


def test_a_machine_that_lies_about_its_results_is_named_and_nothing_is_kept(
    studio: Studio, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.added(studio, price=PRICE)
    limited(studio, 10**9)
    raw = client.Connection.raw

    def lies(self: client.Connection, method: str, path: str, *given: object, **more: object):
        found = raw(self, method, path, *given, **more)
        return b'"bax"' if method == "GET" and found == b'"bad"' else found

    monkeypatch.setattr(client.Connection, "raw", lies)
    job = killing.done(studio, spell(studio))
    assert job.state == "failed" and "is not what it said" in str(job.error)
    assert words(studio, job.id) == []
    closed(studio, box)  # it computed, and is paid


def test_a_machine_that_is_not_there_has_the_job_wait(studio: Studio, box: Box) -> None:
    box.added(studio)
    machines.add(
        studio.engine,
        studio.home,
        "attic",
        "http://127.0.0.1:9",
        box.token,
        networks=studio.settings.private_networks,
        by="ana",
        now=datetime.now(UTC),
    )
    id = spell(studio)
    job = killing.done(studio, id)
    assert job.state == "queued" and "attic is not reached" in job.says and job.not_before
    assert machines.get(studio.engine, "attic").trouble
    box.added(studio)
    leases_again(studio, id)
    once(studio, killing.done(studio, id))
    closed(studio, box)


def test_one_that_computes_too_long_is_ended_there(studio: Studio, slow_box: Box) -> None:
    slow_box.added(studio, seconds=1)
    job = killing.done(studio, spell(studio, word="b" * 60, most=99))
    assert job.state == "failed" and "computed for more than 1 s" in str(job.error)
    closed(studio, slow_box)


def test_what_fails_there_fails_here_with_the_same_words(studio: Studio, box: Box) -> None:
    box.added(studio)
    id = spell(studio, word="baß", most=99)  # a letter that its alphabet has not
    job = killing.done(studio, id)
    assert job.state == "failed" and "ValueError" in str(job.error)
    closed(studio, box)


def test_a_kind_that_computes_nothing_goes_nowhere(studio: Studio, box: Box) -> None:
    box.added(studio)
    with pytest.raises(StudioError, match="takes no jobs|computes nothing"):
        asked = {"wishes": ["a knight"], "by": "rules"}
        now = datetime.now(UTC)
        submit.ask(studio, "expand_wishes", asked, asked_by="ana", now=now, where="attic")
