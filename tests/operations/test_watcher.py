"""Watchers as real processes: one acts, another follows when it dies, none acts without a lease."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio import notifications
from studio.database import engine as db
from studio.jobs import named_leases
from studio.jobs.named_leases import WATCHER
from studio.operations import watcher
from studio.settings import CHECKOUT


@pytest.fixture
def receiver():
    """Of notices; keeps their bodies."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.came = []
    server.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


class Stage:
    """A studio's folder with watchers at it."""

    def __init__(self, home: Path, hook: str) -> None:
        self.home, self.hook, self.engine = home, hook, db.open_database(home)
        self.started: list[subprocess.Popen] = []

    def watcher(self) -> subprocess.Popen:
        with self.log(len(self.started)).open("wb") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "studio", "watch"],
                cwd=CHECKOUT,
                env={**os.environ, "STUDIO_HOME": str(self.home), "STUDIO_WEBHOOK": self.hook},
                stdout=log,
                stderr=log,
            )
        self.started.append(started)
        return started

    def log(self, number: int) -> Path:
        return self.home / f"watcher-{number}.txt"

    def holder(self) -> str:
        return named_leases.held_by(self.engine, WATCHER, datetime.now(UTC)) or ""

    def holds(self, started: subprocess.Popen) -> bool:
        return f":{started.pid}:" in self.holder()

    def tell(self) -> None:
        with db.writing(self.engine) as connection:
            notifications.tell(connection, "promote", "it is in", datetime.now(UTC))

    def until(self, true, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            said = [self.log(number).read_text() for number in range(len(self.started))]
            assert time.monotonic() < deadline, said
            time.sleep(0.05)


@pytest.fixture
def stage(tmp_path: Path, receiver):
    made = Stage(tmp_path, receiver.url)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
    made.engine.dispose()


@pytest.mark.slow
def test_one_acts_and_another_follows_when_it_is_killed(stage, receiver):
    first = stage.watcher()
    stage.until(lambda: stage.holds(first))
    second = stage.watcher()
    stage.until(lambda: "waits for its turn" in stage.log(1).read_text())
    stage.tell()
    stage.until(lambda: len(receiver.came) == 1)
    first.kill()
    stage.until(lambda: stage.holds(second))
    stage.tell()
    stage.until(lambda: len(receiver.came) == 2)
    second.send_signal(signal.SIGTERM)
    assert second.wait(120) == 0 and stage.holder() == ""  # another need not wait
    assert len(receiver.came) == 2


@pytest.mark.slow
def test_one_that_lost_its_lease_acts_no_more_until_it_has_it_again(stage, receiver):
    first = stage.watcher()
    stage.until(lambda: stage.holds(first))
    first.send_signal(signal.SIGSTOP)  # as a machine does that sleeps
    stage.until(lambda: not stage.holds(first))
    minute = timedelta(minutes=1)
    assert named_leases.take(stage.engine, WATCHER, "other", datetime.now(UTC), minute)
    first.send_signal(signal.SIGCONT)
    stage.until(lambda: stage.log(0).read_text().count("waits for its turn") == 2)
    assert "lost its lease" in stage.log(0).read_text() and first.poll() is None
    stage.tell()
    for _ in range(4):
        assert named_leases.renew(stage.engine, WATCHER, "other", datetime.now(UTC), minute)
        time.sleep(2)
    assert receiver.came == [] and notifications.newest(stage.engine)[0].due
    named_leases.release(stage.engine, WATCHER, "other")
    stage.until(lambda: len(receiver.came) == 1)
    assert stage.holds(first)


def test_one_whose_rounds_ended_ends_too_and_one_that_lives_holds_its_lease(tmp_path, monkeypatch):
    monkeypatch.setattr(watcher, "RENEW_S", 0.01)
    engine = db.open_database(tmp_path)
    ended = threading.Event()
    rounds = threading.Thread(target=ended.wait)
    watcher._take(engine, "here")
    rounds.start()
    threading.Timer(0.3, ended.set).start()
    watcher._hold(engine, "here", rounds)  # returns
    assert not rounds.is_alive()
    assert named_leases.held_by(engine, WATCHER, datetime.now(UTC)) == "here"
    ended.clear()
    rounds = threading.Thread(target=ended.wait)
    rounds.start()
    named_leases.release(engine, WATCHER, "here")
    watcher._hold(engine, "here", rounds)
    assert rounds.is_alive()
    ended.set()
    engine.dispose()
