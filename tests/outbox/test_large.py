"""Large files are read aside: nothing waits for them, and they lose neither place nor change."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine

from studio.database import engine as db
from studio.outbox import files, looking, place
from studio.outbox.files import New
from studio.outbox.large import Aside
from studio.store.place import Place
from tests.outbox.test_looking import put

BACKUP = "backups/a.tar"
LARGE = 20  # bytes, for these tests


@dataclass
class Held:
    """Readings of backups, which end when somebody lets them."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.open_database(tmp_path)
    place.note(engine, Place("s3", "our-art"), datetime.now(UTC))
    yield engine
    engine.dispose()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.setattr(looking, "LARGE", LARGE)
    held, read = Held(), files.read

    def reading(home: Path, path: str, key: str = "") -> New:
        found = read(home, path, key)
        if path == BACKUP:
            held.begun.set()
            assert held.go.wait(60)
        return found

    monkeypatch.setattr(files, "read", reading)
    return held


def look(aside: Aside, now: datetime) -> int:
    return looking.take_up(aside.engine, aside.home, aside.seen, now, lambda: True, aside.take)


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def waiting(engine: Engine) -> list[str]:
    return [one.path for one in files.due(engine, datetime.now(UTC) + timedelta(hours=1), 9)]


def test_nothing_waits_for_a_large_file_and_it_keeps_its_place(
    engine: Engine, tmp_path: Path, held: Held
) -> None:
    put(tmp_path, BACKUP, "x" * (LARGE + 1))
    aside, now = Aside(engine, tmp_path, looking.Seen()), datetime.now(UTC)
    assert look(aside, now) == 0 and held.begun.wait(60)
    put(tmp_path, "generated/gem.png")
    assert look(aside, now + timedelta(seconds=5)) == 1
    assert waiting(engine) == ["generated/gem.png"]
    held.go.set()
    until(lambda: not aside.reads)
    assert waiting(engine) == [BACKUP, "generated/gem.png"]
    assert files.find(engine, BACKUP).key == BACKUP
    aside.seen.folders.clear()
    assert look(aside, now + timedelta(seconds=10)) == 0 and not aside.reads


def test_one_that_was_changed_while_it_was_read_is_read_again(
    engine: Engine, tmp_path: Path, held: Held
) -> None:
    put(tmp_path, BACKUP, "x" * (LARGE + 1))
    aside, now = Aside(engine, tmp_path, looking.Seen()), datetime.now(UTC)
    look(aside, now)
    assert held.begun.wait(60)
    later = now + timedelta(seconds=5)
    other = put(tmp_path, BACKUP, "y" * (LARGE + 1), old=False)
    os.utime(other, (later.timestamp(),) * 2)
    aside.seen.folders.clear()  # as a file that is renamed into its place has it listed
    look(aside, later)
    held.go.set()
    until(lambda: not aside.reads)
    assert files.find(engine, BACKUP).hash == sha256(other.read_bytes()).hexdigest()


def test_one_that_could_not_be_noted_is_found_again(
    engine: Engine, tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, BACKUP, "x" * (LARGE + 1))
    aside, now = Aside(engine, tmp_path, looking.Seen()), datetime.now(UTC)
    held.go.set()

    def full(connection, new, now) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "add", full)
        look(aside, now)
        until(lambda: not aside.reads and not aside.seen.folders)
    assert waiting(engine) == []
    look(aside, now)
    until(lambda: not aside.reads)
    assert waiting(engine) == [BACKUP]


def test_without_a_thread_it_is_read_at_once(engine: Engine, tmp_path: Path, held: Held) -> None:
    held.go.set()
    put(tmp_path, BACKUP, "x" * (LARGE + 1))
    seen = looking.Seen()
    assert looking.take_up(engine, tmp_path, seen, datetime.now(UTC), lambda: True) == 1
    assert waiting(engine) == [BACKUP]
