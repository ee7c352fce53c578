"""A job, the key of the call that asks for it and its answer are stored together."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from studio.accounts.rights import Actor
from studio.api import idempotency, jobs, put_in, rest
from studio.api.calls import keeper
from studio.api.idempotency import Answer, Place, Sent, idempotency_keys
from studio.api.problems import Told
from studio.context import Studio, now
from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Job
from studio.settings import CHECKOUT, load_settings
from studio.worker import submit
from studio.worker.kinds import look
from tests.api.asked import NAMES, Programs
from tests.api.test_door import problem

ANA = Actor("ana", "artist")
SENT = Sent(Place("ana", "POST /x", "k"), "what is asked")
OTHER = replace(SENT, asked="something else")
GEM = {"style": "art", "prompt": "a gem"}


def ready(mark: str | None = None) -> submit.Ready:
    return submit.Ready(look.KIND, look.Look(dataset="gems"), ANA, now(), "", "here", 0.0)


def told(job: Job, source: Any) -> Answer:
    return Answer(202, f"job {job.id}")


def put(studio: Studio, sent: Sent | None = SENT, asked: put_in.Asked = ready, **more: Any):
    return put_in.job(studio, sent, asked, more.pop("told", told), **{"waits": False, **more})


def refused(mark: str | None) -> submit.Ready:
    raise StudioError("Its dataset is gone.", "Choose another.")


def keys(studio: Studio) -> int:
    with studio.engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(idempotency_keys)
        return connection.execute(count).scalar_one()


@contextmanager
def written(studio: Studio) -> Iterator[list[str]]:
    """The transactions that write, each as one entry."""
    seen = list[str]()

    def note(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("immediate"):
            seen.append("began")

    sa.event.listen(studio.engine, "begin", note)
    try:
        yield seen
    finally:
        sa.event.remove(studio.engine, "begin", note)


def test_a_call_that_asks_for_a_job_writes_once(styled: Programs):
    styled.get("/me", "artist")  # its token is noted as used, once an hour
    headers = {"Idempotency-Key": "once"}
    with written(styled.studio) as seen:
        first = styled.post("/generate", "artist", json=GEM, headers=headers)
        assert first.status_code == 202 and len(seen) == 1
        assert styled.post("/generate", "artist", json=GEM).status_code == 202 and len(seen) == 2
    again = styled.post("/generate", "artist", json=GEM, headers=headers)
    assert again.content == first.content and again.headers["idempotency-replayed"] == "true"
    problem(
        styled.post("/generate", "artist", json={**GEM, "seed": 1}, headers=headers),
        422,
        "key-reused",
    )
    mine = queue.listing(styled.studio.engine, user=NAMES["artist"], states=("queued",))
    assert len(mine) == 2
    for job in mine:
        queue.cancel(styled.studio.engine, job.id, job.asked_by, now())


def test_where_its_answer_fails_nothing_of_a_call_is_stored(
    styled: Programs, monkeypatch: pytest.MonkeyPatch
):
    def fail(*given: Any) -> Answer:
        raise MemoryError

    before = len(queue.listing(styled.studio.engine, limit=999))
    headers = {"Idempotency-Key": "failed"}
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "_answer", fail)
        problem(styled.post("/generate", json=GEM, headers=headers), 500, "internal")
    assert len(queue.listing(styled.studio.engine, limit=999)) == before
    answer = styled.post("/generate", json={**GEM, "seed": 3}, headers=headers)
    assert answer.status_code == 202 and "idempotency-replayed" not in answer.headers
    styled.post(f"/jobs/{answer.json()['id']}/cancel")


def test_every_route_that_answers_with_a_job_alone_keeps_its_key():
    routes = [one for subject in rest.SUBJECTS for one in subject.router.routes]
    told = {one.path for one in routes if one.response_model is jobs.JobDetails}
    kept = {
        one.path
        for one in routes
        if any(part.call is keeper for part in one.dependant.dependencies)
    }
    assert told - kept == {"/jobs/{job}", "/jobs/{job}/cancel"}  # which put nothing in
    assert kept <= told and len(kept) == 15


def test_the_key_tells_of_the_job_from_the_moment_that_there_is_one(
    either_database: str, plain: Programs
):
    studio = plain.studio
    first = put(studio)
    assert first.job is not None and first.held is None
    assert put(studio) == put_in.Put(first.answer)
    # Also where it would be refused by now.
    assert put(studio, asked=refused) == put_in.Put(first.answer)
    with pytest.raises(Told, match="something else"):
        put(studio, OTHER)
    assert [job.id for job in queue.listing(studio.engine)] == [first.job.id]
    assert put(studio, None).job != put(studio, None).job  # without a key each counts


def test_a_refused_call_leaves_its_key_free(either_database: str, plain: Programs):
    with pytest.raises(StudioError, match="is gone"):
        put(plain.studio, asked=refused)
    assert keys(plain.studio) == 0
    assert put(plain.studio, OTHER).job is not None


@pytest.mark.parametrize(
    ("quicker", "waits", "says"),
    [(SENT, False, ""), (SENT, True, "has not ended"), (OTHER, False, "something else")],
)
def test_of_two_calls_at_once_one_puts_in(plain: Programs, quicker: Sent, waits: bool, says: str):
    """The other one begins and ends while what is asked is checked."""
    studio, others = plain.studio, list[put_in.Put]()

    def overtaken(mark: str | None) -> submit.Ready:
        others.append(put(studio, quicker, waits=waits))
        return ready()

    if says:
        with pytest.raises(Told, match=says):
            put(studio, asked=overtaken)
    else:
        assert put(studio, asked=overtaken) == put_in.Put(others[0].answer)
    (job,) = queue.listing(studio.engine)
    assert job == others[0].job


def test_who_waits_holds_the_key_until_the_answer(plain: Programs):
    studio = plain.studio
    first = put(studio, waits=True)
    with pytest.raises(Told, match="has not ended"):
        put(studio)
    put_in.keep(studio, SENT, first, Answer(200, "done"))
    assert put(studio) == put_in.Put(Answer(200, "done"))


def test_after_trouble_the_job_is_found_and_after_a_refusal_the_key_is_free(plain: Programs):
    studio = plain.studio
    first = put(studio, waits=True)
    put_in.let_go(studio, SENT, first)

    def found(mark: str | None) -> Job | submit.Ready:
        return queue.sent(studio.engine, "look", ANA, mark) or ready()

    again = put(studio, asked=found)
    assert again.job is not None and again.job == first.job
    assert put(studio) == put_in.Put(again.answer)
    # Another, whose first attempt came to nothing.
    place = replace(SENT.place, key="other")
    begun = idempotency.begin(studio.engine, place, "a", now())
    idempotency.give_up(studio.engine, place, begun, done=True)
    with pytest.raises(StudioError, match="is gone"):
        put(studio, Sent(place, "a"), refused)
    assert put(studio, Sent(place, "b")).job is not None


CUT_OFF = """
import os, signal, sys
from tests.api import test_put_in as test
studio = test.studio_at(*sys.argv[1:3])
print("ready", flush=True)
when = sys.argv[3]

def told(job, source):
    if when == "within":
        os.kill(os.getpid(), signal.SIGKILL)
    return test.told(job, source)

test.put(studio, told=told, waits=when == "waits")
os.kill(os.getpid(), signal.SIGKILL)
"""


def studio_at(home: str, url: str) -> Studio:
    """A studio of another process."""
    nothing: Any = None  # no MLflow: nobody asks for it here
    return Studio(
        load_settings({}, home=home), db.open_database(Path(home), url or None), nothing, nothing
    )


@pytest.mark.slow  # a process loads what a studio is
@pytest.mark.parametrize("when", ["within", "waits", "after"])
def test_killed_anywhere_a_call_is_made_once(
    either_database: str,
    plain: Programs,
    url_of: Callable[[sa.Engine], str],
    monkeypatch: pytest.MonkeyPatch,
    when: str,
):
    studio = plain.studio
    words = [sys.executable, "-c", CUT_OFF, str(studio.home), url_of(studio.engine), when]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=120)
    assert done.stdout == "ready\n" and done.returncode == -signal.SIGKILL, done.stderr
    there = queue.listing(studio.engine)
    assert (len(there), keys(studio)) == ((0, 0) if when == "within" else (1, 1))

    def found(mark: str | None) -> Job | submit.Ready:
        return (queue.sent(studio.engine, "look", ANA, mark) if mark else None) or ready()

    if when == "waits":
        with pytest.raises(Told, match="has not ended"):
            put(studio, asked=found)
        monkeypatch.setattr(idempotency, "HELD", timedelta())
    again = put(studio, asked=found)
    (job,) = queue.listing(studio.engine)
    assert again.answer == Answer(202, f"job {job.id}")
    assert put(studio, asked=refused) == put_in.Put(again.answer)
