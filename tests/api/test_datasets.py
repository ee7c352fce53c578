"""Files sent, added to a dataset, edited and frozen; a training asked of it."""

from datetime import timedelta

import pytest

from studio.context import now
from studio.datasets import versions
from studio.jobs import leases, queue
from studio.worker import process
from studio.worker.context import Warm
from tests.api.asked import Programs, picture
from tests.api.test_door import problem
from tests.api.test_paging import pages

COLOURS = ("red", "green", "blue", "yellow")


@pytest.fixture
def upload(styled: Programs) -> str:
    token = str(styled.post("/uploads", "artist").json()["upload"])
    at = f"/uploads/{token}/files"
    for colour in COLOURS:
        sent = styled.put(
            at, "artist", params={"name": f"gems/{colour}.png"}, content=picture(colour)
        )
        assert sent.status_code == 204, sent.text
    assert styled.put(at, params={"name": "gems/red.txt"}, content=b"a red gem").status_code == 204
    return token


def do(programs: Programs, id: int) -> None:
    """What its worker would do."""
    studio = programs.studio
    job = leases.take(studio.engine, "w", "short", now(), timedelta(hours=1))
    assert job is not None and job.id == id
    opened = process.Opened(studio.settings)
    opened.studio = studio
    process.do(studio.engine, id, job.attempt, opened, Warm())
    assert queue.get(studio.engine, id).state == "done", queue.get(studio.engine, id).error


def test_from_files_to_a_frozen_version_and_a_training(styled: Programs, upload: str):
    told = styled.get(f"/uploads/{upload}", "artist").json()
    assert told["pictures"] == [f"gems/{one}.png" for one in sorted(COLOURS)]
    assert told["others"] == ["gems/red.txt"] and told["refused"] == []
    body = {"upload": upload, "author": "ana", "licence": "CC0", "filter": "nearest"}
    asked = styled.post("/datasets/gems/additions", "artist", json=body)
    assert asked.status_code == 202, asked.text
    do(styled, asked.json()["id"])
    done = styled.get(f"/jobs/{asked.json()['id']}").json()
    assert upload not in str(done) and done["payload"]["author"] == "ana"
    dataset = styled.get("/datasets/gems").json()
    newest = dataset["newest"]
    assert (newest["pictures"], newest["version"]) == (4, done["result"]["version"])
    assert dataset in styled.get("/datasets").json()["items"]
    at = f"/datasets/gems/versions/{newest['digest']}/pictures"
    found = [one for part in pages(styled, at, 3) for one in part]
    captions = {one["file_name"]: one["caption"] for one in found}
    assert captions["gems/red.png"] == "a red gem" and {one["author"] for one in found} == {"ana"}
    red = next(one["hash"] for one in found if one["file_name"] == "gems/red.png")
    edits = [
        {"picture": red, "field": "caption", "value": "a ruby"},
        {"picture": red, "field": "tags", "value": ["gem", "red"]},
    ]
    key = {"Idempotency-Key": "edits"}
    for _ in range(2):
        draft = styled.post("/datasets/gems/edits", json={"edits": edits}, headers=key).json()
        assert draft["waiting"] == 2
    frozen = styled.post("/datasets/gems/freeze", json={"says": "Rubies."}).json()
    assert frozen["says"] == "Rubies." and frozen["parent"] == newest["digest"]
    made = versions.load(styled.studio.home, "gems", frozen["digest"])
    assert {p.caption for p in made.pictures if p.hash == red} == {"a ruby"}
    listed = styled.get("/datasets/gems/versions").json()["items"]
    assert [one["digest"] for one in listed] == [frozen["digest"], newest["digest"]]
    again = styled.post("/datasets/gems/freeze", json={}).json()
    assert again["digest"] == frozen["digest"]  # the draft is empty

    body = {"style": "gems", "dataset": "gems", "preset": "fast", "settings": {"rank": 4}}
    training = styled.post("/trainings", "artist", json=body)
    assert training.status_code == 202, training.text
    said = training.json()
    assert said["dataset"] == f"gems@{frozen['version']}" and said["run"] is None
    told = styled.get(f"/trainings/{said['id']}").json()
    assert told["payload"]["settings"]["rank"] == 4 and told["version"] is None
    assert styled.get("/trainings?state=queued").json()["items"][0]["id"] == said["id"]
    styled.post(f"/jobs/{said['id']}/cancel")
    for wrong in ({"settings": {"rank": []}}, {"settings": {"ranks": 4}}, {"dataset": "no"}):
        problem(styled.post("/trainings", json={**body, **wrong}), 422, "refused")


def test_what_can_not_be_sent_is_told(styled: Programs, upload: str):
    at = f"/uploads/{upload}/files"
    for name in ("../up.png", "x.exe"):
        problem(styled.put(at, params={"name": name}, content=b"x"), 422, "refused")
    refused = styled.get(f"/uploads/{upload}", "artist").json()["refused"]
    assert [one["file"] for one in refused] == ["../up.png", "x.exe"]
    problem(styled.put(at, content=b"x"), 422, "refused")  # no name
    nowhere = f"/uploads/{'0' * 32}"
    problem(
        styled.put(f"{nowhere}/files", params={"name": "a.png"}, content=b"x"), 404, "not-found"
    )
    problem(styled.get(nowhere, "artist"), 404, "not-found")
    body = {"upload": "0" * 32}
    problem(styled.post("/datasets/gems2/additions", json=body), 422, "refused")
    problem(
        styled.post("/datasets/gems2/additions", json={"upload": upload, "x": 1}), 422, "refused"
    )
    assert styled.ask("DELETE", f"/uploads/{upload}").status_code == 204
    assert styled.ask("DELETE", f"/uploads/{upload}").status_code == 204
    for path in ("", "/versions", "/versions/abc/pictures"):
        problem(styled.get(f"/datasets/none{path}"), 404, "not-found")
    problem(styled.post("/datasets/none/freeze", json={}), 404, "not-found")
