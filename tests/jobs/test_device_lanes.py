"""Lanes of a device: workers beside each other, commands one after the other."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.jobs import named_leases
from studio.jobs.device_lanes import DeviceLane, lease_name

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LENGTH = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def clock(monkeypatch):
    """The even clock; `clock[0]` is what it says."""
    moment = [0.0]
    monkeypatch.setattr(named_leases.time, "monotonic", lambda: moment[0])
    return moment


def lane(engine, role, process, lane="work", device="cpu"):
    return DeviceLane(engine, lease_name("house", device, lane), role, process, LENGTH)


def test_a_command_does_nothing_beside_anybody_and_nobody_beside_a_command(engine, clock):
    worker, second, command = (
        lane(engine, role, f"house:{number}")
        for number, role in enumerate(("worker", "worker", "command"))
    )
    assert not worker.ask(NOW) and worker.mine and worker.free
    assert second.ask(NOW) and not second.mine and second.free  # a person started a second one
    assert command.ask(NOW) and not command.free and command.holder == "worker house:0"
    clock[0] += 2
    assert not command.ask(NOW)  # news are told once
    worker.release()
    clock[0] += 2
    command.ask(NOW)
    assert command.free and command.holder is None
    assert second.ask(NOW) and not second.free and second.holder == "command house:2"
    later = lane(engine, "command", "house:2")  # of the same number, after a restart of the house
    assert later.ask(NOW) and not later.free
    command.release()
    clock[0] += 2
    second.ask(NOW)
    assert second.mine


def test_lanes_and_devices_are_held_apart(engine, clock):
    taken = lane(engine, "command", "house:1")
    others = [lane(engine, "command", "house:2", *more) for more in (("short",), ("work", "cuda"))]
    for one in (taken, *others):
        one.ask(NOW)
    assert all(one.mine for one in (taken, *others))


def test_who_lives_keeps_it_and_who_died_is_followed(engine, clock):
    holder, waits = (lane(engine, "command", f"house:{number}") for number in (1, 2))
    now = NOW
    for _ in range(20):
        holder.ask(now)
        waits.ask(now)
        assert holder.mine and not waits.mine
        clock[0] += 4
        now += timedelta(seconds=4)
    for _ in range(12):  # the holder is asleep, or dead
        clock[0] += 4
        now += timedelta(seconds=4)
        waits.ask(now)
    assert waits.mine
    assert holder.ask(now) and not holder.mine and holder.holder == "command house:2"
