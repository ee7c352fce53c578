"""A studio's database, jobs in it, and a receiver of webhooks that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from studio.database import engine as db
from studio.jobs import leases, queue
from studio.jobs.table import Job
from studio.webhooks import deliveries, hooks

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
HERE = (ip_network("127.0.0.0/8"),)
Ask = Callable[..., Job]


@dataclass
class Receiver:
    """`answers` are given in turn, 204 after them: a status, or "hang" or "drip" until `enough`."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)


def served(receiver: Receiver) -> ThreadingHTTPServer:
    """A server that answers for it; it is the caller's to start."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = {name.lower(): value for name, value in self.headers.items()}
            receiver.came.append((told, body))
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if isinstance(answer, int):
                self.send_response(answer)
                if answer == 302:
                    self.send_header("Location", receiver.url)
                self.end_headers()
                return
            if answer == "drip":  # a line of its answer that does not end until it is enough
                self.wfile.write(b"HTTP/1.1 200 ")
            while not receiver.enough.wait(0.05):
                if answer == "drip":
                    self.wfile.write(b"o")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Answer)


@pytest.fixture
def receivers_made() -> Iterator[Callable[[], Receiver]]:
    """Makes receivers, as many as a test wants."""
    made: list[tuple[Receiver, ThreadingHTTPServer]] = []

    def make() -> Receiver:
        receiver = Receiver()
        server = served(receiver)
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        made.append((receiver, server))
        return receiver

    yield make
    for receiver, server in made:
        receiver.enough.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(receivers_made: Callable[[], Receiver]) -> Receiver:
    return receivers_made()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def ask(engine: Engine) -> Ask:
    """Puts a job in as `studio.worker.submit` does: with who is told of its end."""

    def asked(by: str = "ana", url: str = "", token: int | None = None) -> Job:
        with db.writing(engine) as connection:
            job = queue.submit(engine, kind="train", lane="work", payload={}, asked_by=by, now=NOW)
            deliveries.expect(connection, job, url, token, NOW)
        return job

    return asked


@pytest.fixture
def end(engine: Engine) -> Callable[..., Job]:
    """Takes the next job and ends it with a result."""

    def ended(**result: Any) -> Job:
        job = leases.take(engine, "w", "work", NOW, timedelta(hours=1))
        assert job is not None
        leases.finish(engine, job.id, job.attempt, result, NOW)
        return queue.get(engine, job.id)

    return ended


@pytest.fixture
def hook(engine: Engine) -> Callable[..., tuple[hooks.Webhook, str]]:
    """A webhook of ana's, and its secret."""

    def made(url: str, by: str = "ana", **more: Any) -> tuple[hooks.Webhook, str]:
        return hooks.make(engine, by, url, networks=HERE, by=by, now=NOW, **more)

    return made
