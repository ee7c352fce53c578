"""Pictures asked for, once each, and waited for; jobs and trainings."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from studio.accounts.rights import Actor
from studio.api import jobs
from studio.api.calls import Caller
from studio.context import now
from studio.generation import start_room
from studio.jobs import leases, queue
from studio.webhooks import deliveries, hooks
from tests.api.asked import NAMES, Programs, picture, put_asset
from tests.api.test_door import problem

LEASE = timedelta(hours=1)


def end(programs: Programs, id: int, result: dict) -> None:
    """Take job `id`, which is next, and end it as its worker would."""
    engine = programs.studio.engine
    job = leases.take(engine, "w", queue.get(engine, id).lane, now(), LEASE)
    assert job is not None and job.id == id
    leases.finish(engine, id, job.attempt, result, now())


@pytest.mark.slow
def test_a_picture_is_asked_for_with_what_is_in_production(styled: Programs):
    body = {"style": "art", "prompt": "a red gem", "seed": 5, "count": 2}
    asked = styled.post("/generate", "artist", json=body)
    assert asked.status_code == 202, asked.text
    job = asked.json()
    assert (job["state"], job["asked_by"]) == ("queued", NAMES["artist"])
    assert job["title"] == "Drawing a red gem" and job["payload"] is None
    told = styled.get(f"/jobs/{job['id']}").json()
    assert told["payload"]["version"] in (1, 3) and told["payload"]["seed"] == 5
    made = put_asset(styled.studio, f"of job {job['id']}", job=job["id"])
    end(styled, job["id"], {"style": "art", "version": 1, "pictures": []})
    done = styled.get(f"/jobs/{job['id']}?wait=60").json()
    assert done["state"] == "done" and done["assets"] == [made]
    again = styled.post(f"/jobs/{job['id']}/again", "artist")
    assert again.status_code == 202 and again.json()["id"] != job["id"]
    styled.post(f"/jobs/{again.json()['id']}/cancel", "artist")


def test_what_can_lead_is_named_and_what_can_not_is_refused(styled: Programs):
    told = styled.get("/styles/art/controls").json()
    assert told["base"] == "pocket" and {one["family"] for one in told["items"]} <= {"practice"}
    problem(styled.get("/styles/gone/controls"), 404, "not-found")
    body = {"style": "art", "prompt": "a gem", "leads": [{"picture": "0" * 64}]}
    problem(styled.post("/generate", "artist", json=body), 422, "refused")
    body = {"style": "art", "prompt": "a gem", "leads": [{"scale": 1}]}
    problem(styled.post("/generate", "artist", json=body), 422, "refused")


def test_whoever_waits_gets_the_ended_job(styled: Programs):
    body = {"style": "art", "prompt": "a boat"}
    began = styled.post("/generate?wait=0.2", json=body)
    assert began.status_code == 202
    id = began.json()["id"]
    ending = threading.Timer(0.3, end, (styled, id, {"pictures": []}))
    ending.start()
    done = styled.get(f"/jobs/{id}?wait=30")
    ending.join()
    assert done.json()["state"] == "done"
    problem(styled.post("/generate?wait=61", json=body), 422, "refused")


def sent_twice(styled: Programs, wishes: range, callers: int) -> None:
    """Each wish twice, by so many callers at once; it makes one job."""

    def call(number: int):
        body = {"style": "art", "version": 1, "prompt": f"gem {number}", "seed": number}
        headers = {"Idempotency-Key": f"gem-{number}"}
        while True:
            answer = styled.post("/generate", "producer", json=body, headers=headers)
            if answer.status_code != 409:
                return answer.status_code, answer.json()["id"]

    most = len(wishes)
    with ThreadPoolExecutor(callers) as pool:
        told = list(pool.map(call, [*wishes, *wishes]))
    assert {status for status, _ in told} == {202}
    assert told[:most] == told[most:] and len({id for _, id in told}) == most
    found = queue.listing(styled.studio.engine, user=NAMES["producer"], limit=999)
    mine = [job for job in found if job.payload.get("seed") in wishes]
    assert sorted(job.payload["seed"] for job in mine) == list(wishes)
    for job in mine:
        queue.cancel(styled.studio.engine, job.id, job.asked_by, now())


def test_calls_at_once_make_a_job_each_sent_twice(styled: Programs):
    sent_twice(styled, range(6), callers=4)


@pytest.mark.slow
def test_a_hundred_calls_by_eight_callers_make_a_job_each_sent_twice(styled: Programs):
    sent_twice(styled, range(100, 150), callers=8)


def test_an_address_is_told_of_the_end_and_a_job_says_which_request_asked(styled: Programs):
    engine, artist = styled.studio.engine, NAMES["artist"]
    gem = {"style": "art", "prompt": "a gem"}
    told = {"webhook": "https://93.184.216.34/a", "wait": 0}
    problem(styled.post("/generate", "artist", json=gem, params=told), 422, "refused")  # unsigned
    assert queue.listing(engine, user=artist, states=("queued",)) == []
    hooks.make(engine, artist, "", networks=(), by=Actor(artist, "artist"), now=now())
    sent = [
        ("/generate", gem),
        ("/lists", {"style": "art", "assets": [{"prompt": "a gem"}]}),
    ]
    for number, (route, body) in enumerate(sent):
        headers = {"X-Request-Id": f"build-{number}"}
        asked = styled.post(route, "artist", json=body, params=told, headers=headers)
        assert asked.status_code == 202, asked.text
        job = asked.json()
        assert job["request_id"] == asked.headers["x-request-id"] == f"build-{number}"
        (waiting,) = deliveries.listing(engine, job=job["id"])
        assert (waiting.url, waiting.owner) == (told["webhook"], artist)
        styled.post(f"/jobs/{job['id']}/cancel", "artist")
    other = {"webhook": "https://93.184.216.34/b"}
    again = styled.post(f"/jobs/{job['id']}/again", "artist", params=other).json()
    assert [one.url for one in deliveries.listing(engine, job=again["id"])] == [other["webhook"]]
    assert again["request_id"] not in ("", job["request_id"])
    styled.post(f"/jobs/{again['id']}/cancel", "artist")
    inner = {"webhook": "http://127.0.0.1/a"}
    problem(styled.post("/generate", "artist", json=gem, params=inner), 422, "refused")


def test_what_can_not_be_drawn_is_told(styled: Programs):
    body = {"style": "art", "prompt": "a gem"}
    for wrong in (
        {"prompt": " "},
        {"count": 65},
        {"steps": 0},
        {"guidance": "4"},
        {"style": "nothing"},
        {"version": 9},
        {"colour": "red"},
        {"start": "x"},
        {"adapters": [{"style": "art"}]},
    ):
        problem(styled.post("/generate", json={**body, **wrong}), 422, "refused")
    line = {"prompt": "a gem", "name": "gem"}
    problem(styled.post("/lists", json={"style": "art", "assets": []}), 422, "refused")
    asked = styled.post("/lists", json={"style": "art", "assets": [line], "set": "gems"})
    assert asked.status_code == 202 and asked.json()["kind"] == "batch"
    styled.post(f"/jobs/{asked.json()['id']}/cancel")


def test_a_picture_to_begin_from_is_kept_with_its_mask(plain: Programs):
    start = plain.post("/starts", content=picture(size=32)).json()
    assert (start["width"], start["height"]) == (32, 32)
    assert plain.post("/starts", content=picture(size=32)).json() == start
    at = f"/starts/{start['start']}/masks"
    mask = plain.post(at, content=picture("white", 32))
    assert mask.status_code == 201 and mask.json()["start"] != start["start"]
    problem(plain.post(at, content=picture("white", 16)), 422, "refused")
    problem(plain.post(f"/starts/{'0' * 64}/masks", content=picture()), 404, "not-found")
    for data in (b"", b"no picture"):
        problem(plain.post("/starts", content=data), 422, "refused")


def test_jobs_are_listed_and_their_words_read(plain: Programs):
    engine = plain.studio.engine
    for number in range(3):
        how = {"lane": "short", "payload": {"dataset": f"d{number}"}, "asked_by": "ana"}
        queue.submit(engine, kind="look", now=now(), **how)
    queue.cancel(engine, 2, "ana", now())
    newest = plain.get("/jobs").json()["items"]
    assert [(one["id"], one["title"]) for one in newest] == [
        (3, "Looking over d2"),
        (2, "Looking over d1"),
        (1, "Looking over d0"),
    ]
    assert [one["id"] for one in plain.get("/jobs?state=cancelled").json()["items"]] == [2]
    assert plain.get("/jobs?kind=train").json()["items"] == []
    assert plain.get("/jobs/3").json()["ahead"] == 1
    log = plain.studio.home / "jobs/1/log.txt"
    log.parent.mkdir(parents=True)
    log.write_text("token hs_secret\nDone.\n")
    assert plain.get("/jobs/1/log").json()["log"].endswith("Done.\n")
    assert plain.get("/jobs/3/log").json() == {"id": 3, "log": ""}
    problem(plain.get("/jobs/9/log"), 404, "not-found")
    problem(plain.get("/trainings/1"), 404, "not-found")
    problem(plain.get("/jobs?state=over"), 422, "refused")
    for wait in ("nan", "inf", "-1", "61"):
        problem(plain.get(f"/jobs/3?wait={wait}"), 422, "refused")


def test_a_person_waits_so_many_times_at_once_and_is_then_answered_as_it_is(
    plain: Programs, monkeypatch
):
    monkeypatch.setattr(jobs, "MOST_WAITING", 1)
    engine = plain.studio.engine
    how = {"lane": "short", "payload": {"dataset": "x"}, "asked_by": "ana", "now": now()}
    id = queue.submit(engine, kind="look", **how).id
    ana, bo = Caller(plain.studio, "ana", None), Caller(plain.studio, "bo", None)

    async def wait() -> None:
        first = asyncio.create_task(jobs.until_ended(ana, id, 60))
        while not jobs._waiting:
            await asyncio.sleep(0)
        assert (await jobs.until_ended(ana, id, 60)).state == "queued" and not first.done()
        other = asyncio.create_task(jobs.until_ended(bo, id, 60))
        while len(jobs._waiting) < 2:
            await asyncio.sleep(0)
        queue.cancel(engine, id, "ana", now())
        assert [one.state for one in (await first, await other)] == ["cancelled", "cancelled"]

    asyncio.run(wait())
    assert not jobs._waiting


def test_whoever_s_pictures_fill_their_room_brings_none_to_begin_from(
    styled: Programs, monkeypatch: pytest.MonkeyPatch
):
    start = styled.post("/starts", "artist", content=picture("teal")).json()["start"]
    room = styled.studio.settings.most_drawn
    monkeypatch.setattr(start_room, "held_by", lambda home, by: room * (str(by) == NAMES["artist"]))
    for path in ("/starts", f"/starts/{start}/masks"):
        said = problem(styled.post(path, "artist", content=picture("navy")), 422, "refused")
        assert "STUDIO_MOST_DRAWN" in said["remedy"]
    assert styled.post("/starts", "art lead", content=picture("navy")).status_code == 201
