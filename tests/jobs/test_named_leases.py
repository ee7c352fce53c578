"""Leases by name: one holder at a time, another once it ran out, whatever the clocks say."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.jobs import named_leases
from studio.settings import CHECKOUT

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LENGTH = timedelta(seconds=10)
HOUR = timedelta(hours=1)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def take(engine, holder, now=NOW, silence=None):
    return named_leases.take(engine, "watcher", holder, now, LENGTH, silence)


def renew(engine, holder, now=NOW):
    return named_leases.renew(engine, "watcher", holder, now, LENGTH)


def held_by(engine, now=NOW):
    return named_leases.held_by(engine, "watcher", now)


def test_one_holds_it_until_it_runs_out_or_is_released(engine):
    assert held_by(engine) is None and not renew(engine, "a")
    assert take(engine, "a") and take(engine, "a") and not take(engine, "b")
    assert named_leases.take(engine, "another", "b", NOW, LENGTH)  # each name is a lease
    assert held_by(engine) == "a"
    assert renew(engine, "a", NOW + LENGTH) and not take(engine, "b", NOW + LENGTH * 2)
    late = NOW + LENGTH * 2 + timedelta(microseconds=1)
    assert held_by(engine, late) is None and take(engine, "b", late)
    assert held_by(engine, late) == "b"
    assert not renew(engine, "a", late) and not take(engine, "a", late)
    named_leases.release(engine, "watcher", "a")  # it is no longer theirs to release
    assert held_by(engine, late) == "b"
    named_leases.release(engine, "watcher", "b")
    assert held_by(engine, late) is None and take(engine, "a", late)


def test_who_is_late_may_go_on_where_nobody_took_it(engine):
    assert take(engine, "a")
    assert renew(engine, "a", NOW + HOUR) and held_by(engine, NOW + HOUR) == "a"


def test_pages_are_drawn_anew_when_it_changes_hands_and_not_when_it_is_renewed(engine):
    before = db.revision(engine)
    assert take(engine, "a")
    assert db.revision(engine) == before + 1
    assert renew(engine, "a") and take(engine, "a") and not take(engine, "b")
    assert db.revision(engine) == before + 1
    assert take(engine, "b", NOW + HOUR)
    assert db.revision(engine) == before + 2
    named_leases.release(engine, "watcher", "a")
    assert db.revision(engine) == before + 2
    named_leases.release(engine, "watcher", "b")
    assert db.revision(engine) == before + 3


def test_none_is_longer_than_pages_believe(engine):
    with pytest.raises(ValueError, match="longer"):
        named_leases.take(engine, "watcher", "a", NOW, HOUR)


def test_a_dead_one_seems_alive_for_no_hour_after_the_clock_was_put_back(engine):
    assert take(engine, "a", NOW + HOUR)
    assert held_by(engine) is None
    assert held_by(engine, NOW + HOUR - timedelta(minutes=5)) == "a"  # a slow look, and no more
    assert renew(engine, "a") and held_by(engine) == "a"
    assert take(engine, "b", NOW - HOUR)


def test_who_waits_hears_by_an_even_clock_that_the_holder_lives(engine, monkeypatch):
    moment = 0.0
    monkeypatch.setattr(named_leases.time, "monotonic", lambda: moment)
    silence = named_leases.Silence()
    assert take(engine, "a")
    now = NOW
    for shift in (24 * HOUR, -HOUR, 0 * HOUR):  # whatever the waiting one's clock says
        for _ in range(4):
            assert not take(engine, "b", now + shift, silence)
            moment += 3
            now += timedelta(seconds=3)
            assert renew(engine, "a", now)
    assert not take(engine, "b", now, silence)  # the last renewal is heard
    moment += 6
    assert not take(engine, "b", now, silence)
    assert take(engine, "b", now + LENGTH * 2, silence)


def test_who_died_with_a_clock_put_back_is_followed_soon(engine, monkeypatch):
    moment = 0.0
    monkeypatch.setattr(named_leases.time, "monotonic", lambda: moment)
    silence = named_leases.Silence()
    soon = NOW - timedelta(minutes=1)
    assert take(engine, "a")
    assert not take(engine, "b", soon, silence)
    moment += 14
    assert not take(engine, "b", soon, silence)
    moment += 2
    assert take(engine, "b", soon, silence)


TAKER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from studio.database import engine as db
from studio.jobs import named_leases
engine = db.open_database(Path(sys.argv[1]), sys.argv[3])
length = timedelta(seconds=300)
print("ready", flush=True)
sys.stdin.readline()
print(sum(
    named_leases.take(engine, f"lease {number}", sys.argv[2], datetime.now(UTC), length)
    for number in range(100)
))
"""


def test_of_two_processes_at_once_one_wins_each_lease(engine, tmp_path, url_of):
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, str(tmp_path), name, url_of(engine)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        for name in ("one", "two")
    ]
    for taker in takers:
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        taker.stdin.write("\n")
        taker.stdin.flush()
    won = [int(taker.communicate(timeout=250)[0]) for taker in takers]
    assert sum(won) == 100
    now = datetime.now(UTC)
    holders = [named_leases.held_by(engine, f"lease {number}", now) for number in range(100)]
    assert [holders.count("one"), holders.count("two")] == won
