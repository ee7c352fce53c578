"""A token that is withdrawn while its call runs: nothing more is told, and nothing is lost."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from studio.accounts import tokens
from studio.api import calls
from studio.context import now
from studio.jobs import queue
from tests.api.asked import ADMIN, NAMES, Programs, picture
from tests.api.test_door import problem

GEM = {"style": "art", "prompt": "a gem"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONG_S", 0.0)


def token_of(programs: Programs) -> tuple[Callable[[], None], dict[str, str]]:
    """What withdraws a new token of the artist's, and the header that brings it."""
    engine, who = programs.studio.engine, NAMES["artist"]
    how: dict[str, Any] = {"label": "an engine", "days": 1, "by": ADMIN, "now": now()}
    made, secret = tokens.make(engine, who, "artist", **how)

    def withdraw() -> None:
        tokens.withdraw(engine, made.id, by=ADMIN, now=now())

    return withdraw, {"Authorization": f"Bearer {secret}"}


@pytest.mark.slow
def test_whoever_waits_is_told_no_more_and_the_job_goes_on(styled: Programs):
    withdraw, first = token_of(styled)
    _, second = token_of(styled)
    key = {"Idempotency-Key": "waited"}
    ending = threading.Timer(0.1, withdraw)
    ending.start()
    answer = styled.post("/generate?wait=0.4", json=GEM, headers={**first, **key})
    ending.join()
    said = problem(answer, 401, "not-signed-in")
    assert "withdrawn" in said["detail"] and answer.headers["www-authenticate"] == "Bearer"
    (job,) = queue.listing(styled.studio.engine, user=NAMES["artist"], states=("queued",))
    again = styled.post("/generate?wait=0.4", json=GEM, headers={**second, **key})
    assert again.status_code == 202 and again.json()["id"] == job.id
    assert again.headers["idempotency-replayed"] == "true"
    queue.cancel(styled.studio.engine, job.id, job.asked_by, now())


def test_a_file_that_was_being_sent_is_not_kept(plain: Programs):
    withdraw, bearer = token_of(plain)
    upload = plain.post("/uploads", "artist").json()["upload"]
    whole = picture()

    def pieces() -> Iterator[bytes]:
        yield whole[:40]
        withdraw()
        yield whole[40:]

    at = f"/uploads/{upload}/files"
    headers = {**bearer, "Content-Length": str(len(whole))}
    sent = plain.put(at, params={"name": "a.png"}, content=pieces(), headers=headers)
    problem(sent, 401, "not-signed-in")
    told = plain.get(f"/uploads/{upload}", "artist").json()
    assert told["pictures"] == [] and told["bytes"] == 0
