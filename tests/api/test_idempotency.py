"""A call that is sent twice is done once."""

import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa

from studio.api import idempotency
from studio.api.idempotency import Answer, Place, idempotency_keys
from studio.api.problems import Told
from studio.context import now
from studio.jobs import queue
from studio.settings import CHECKOUT
from tests.api.asked import Programs, put_asset
from tests.api.test_door import problem

KEY = {"Idempotency-Key": "b9f1"}
PLACE = Place("ana", "POST /x", "k")


def test_the_same_key_gives_the_first_answer_and_does_nothing(plain: Programs):
    first = plain.post("/uploads", headers=KEY)
    again = plain.post("/uploads", headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content and again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    others = [
        plain.post("/uploads", "artist", headers=KEY),
        plain.post("/uploads", headers={"Idempotency-Key": "other"}),
        plain.post("/uploads"),
        plain.post("/uploads"),
    ]
    tokens = {one.json()["upload"] for one in (first, *others)}
    assert len(tokens) == 5


def test_a_key_is_for_one_body(plain: Programs):
    a = put_asset(plain.studio, "a")
    body = {"verdict": "approved", "assets": {a: 0}}
    assert plain.post("/verdicts", json=body, headers=KEY).json()["changed"] == {a: 1}
    problem(
        plain.post("/verdicts", json={**body, "verdict": "edit"}, headers=KEY), 422, "key-reused"
    )
    problem(plain.post("/verdicts?x=1", json=body, headers=KEY), 422, "key-reused")
    assert plain.post("/verdicts", json=body, headers=KEY).json()["changed"] == {a: 1}
    # On another route it is another key.
    assert plain.post("/uploads", headers=KEY).status_code == 201


def test_a_call_that_still_runs_is_not_made_again(plain: Programs):
    place = Place("Admin", "POST /uploads", "b9f1")
    asked = idempotency.asked_for("/api/v1/uploads", b"", b"")
    begun = idempotency.begin(plain.studio.engine, place, asked, now())
    answer = plain.post("/uploads", headers=KEY)
    problem(answer, 409, "still-running")
    assert answer.headers["retry-after"] == "1"
    idempotency.end(plain.studio.engine, place, begun, Answer(201, '{"upload": "x"}'))
    assert plain.post("/uploads", headers=KEY).json() == {"upload": "x"}


def test_what_was_refused_may_be_sent_again_otherwise(plain: Programs):
    a = put_asset(plain.studio, "a")
    refused = {"verdict": "approved", "assets": {a: 0, "x" * 400: "no"}}
    problem(plain.post("/verdicts", json=refused, headers=KEY), 422, "refused")
    problem(plain.post("/verdicts", "viewer", json={}, headers=KEY), 403, "not-allowed")
    right = {"verdict": "approved", "assets": {a: 0}}
    assert plain.post("/verdicts", json=right, headers=KEY).status_code == 200


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "\x7f"])
def test_a_key_that_can_not_be_is_told(plain: Programs, key: str):
    answer = plain.post("/uploads", headers={"Idempotency-Key": key})
    assert "Idempotency-Key" in problem(answer, 422, "refused")["detail"]


def test_a_call_whose_process_died_is_made_again_under_its_mark(
    either_database: str, plain: Programs
):
    engine, began = plain.studio.engine, now()
    first = idempotency.begin(engine, PLACE, "a", began)
    with pytest.raises(Told, match="has not ended"):
        idempotency.begin(engine, PLACE, "a", began + timedelta(seconds=119))
    second = idempotency.begin(engine, PLACE, "a", began + timedelta(seconds=121))
    assert second.mark == first.mark and second.answer is None
    # What it did is known by the mark: a job is there once.
    for mark in (first.mark, second.mark):
        how = {"lane": "short", "payload": {}, "asked_by": "ana", "now": began}
        assert queue.submit(engine, kind="x", key=mark, **how).id == 1
    # The first, slow beyond measure, keeps nothing any more.
    idempotency.end(engine, PLACE, first, Answer(200, "late"))
    idempotency.end(engine, PLACE, second, Answer(200, "right"))
    assert idempotency.begin(engine, PLACE, "a", began).answer == Answer(200, "right")


def test_after_trouble_the_mark_stays_and_after_a_refusal_the_key_is_free(plain: Programs):
    engine, began = plain.studio.engine, now()
    first = idempotency.begin(engine, PLACE, "a", began)
    idempotency.give_up(engine, PLACE, first, done=True)
    second = idempotency.begin(engine, PLACE, "a", began + timedelta(seconds=1))
    assert second.mark == first.mark
    idempotency.give_up(engine, PLACE, second, done=False)
    third = idempotency.begin(engine, PLACE, "other", began + timedelta(seconds=2))
    assert third.mark != first.mark


def test_a_key_is_forgotten_after_a_day(plain: Programs):
    engine, began = plain.studio.engine, now()
    for number in range(3):
        place = Place("ana", "POST /x", f"k{number}")
        begun = idempotency.begin(engine, place, "a", began)
        idempotency.end(engine, place, begun, Answer(200, "x"))
    later = began + timedelta(hours=24, seconds=1)
    assert idempotency.begin(engine, PLACE, "other", later).answer is None
    with engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(idempotency_keys)
        assert connection.execute(count).scalar_one() == 1


ASKER = """
import sys
from pathlib import Path
from studio.api import idempotency
from studio.api.idempotency import Answer, Place
from studio.api.problems import Told
from studio.context import now
from studio.database import engine as db
engine = db.open_database(Path(sys.argv[1]), sys.argv[2] or None)
print("ready", flush=True)
sys.stdin.readline()
mine = 0
for number in range(40):
    place = Place("ana", "POST /x", f"k{number}")
    try:
        begun = idempotency.begin(engine, place, "a", now())
    except Told:
        continue
    if begun.answer is None:
        mine += 1
        idempotency.end(engine, place, begun, Answer(202, str(number)))
    else:
        assert begun.answer == Answer(202, str(number))
print(mine)
"""


@pytest.mark.slow  # each process loads what a studio is
def test_of_several_processes_one_makes_a_call(either_database: str, plain: Programs, url_of):
    studio = plain.studio
    words = [sys.executable, "-c", ASKER, str(studio.home), url_of(studio.engine)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    askers = [subprocess.Popen(words, cwd=CHECKOUT, **pipes) for _ in range(3)]
    for asker in askers:
        assert asker.stdout.readline() == "ready\n"
    for asker in askers:
        asker.stdin.write("\n")
        asker.stdin.flush()
    assert sum(int(asker.communicate(timeout=120)[0]) for asker in askers) == 40
