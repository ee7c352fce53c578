"""Pictures enlarged by programs: asked for once, looked at tile by tile, settings kept by name."""

from __future__ import annotations

import pytest

from studio.jobs import queue
from studio.upscaling import work_folders
from tests.api.asked import Programs, put_asset
from tests.api.test_door import problem

TILED = {"method": "diffusion", "base": "pocket", "tile": 64, "overlap": 0, "seed": 4}


@pytest.mark.slow
def test_a_picture_is_asked_for_with_all_settings_filled_in_and_once(plain: Programs):
    id = put_asset(plain.studio, "a")
    body = {"picture": id, "factor": 8, "settings": TILED}
    key = {"Idempotency-Key": "k1"}
    first = plain.post("/upscale", "artist", json=body, headers=key)
    assert first.status_code == 202, first.text
    assert (first.json()["kind"], first.json()["title"]) == ("upscale", "Enlarging a")
    again = plain.post("/upscale", "artist", json=body, headers=key)
    assert again.json() == first.json() and again.headers["Idempotency-Replayed"] == "true"
    (job,) = queue.listing(plain.studio.engine, kind="upscale")
    told = plain.get(f"/jobs/{job.id}").json()["payload"]
    assert (told["settings"]["width"], told["settings"]["seed"]) == (128, 4)
    problem(plain.post("/upscale", "viewer", json=body), 403, "not-allowed")
    for wrong in (
        {"factor": 9_999},
        {"settings": {"glow": 1}},
        {"picture": "none"},
        {"settings": {**TILED, "tile": 63}},
        {"factor": "2"},
    ):
        problem(plain.post("/upscale", "artist", json={**body, **wrong}), 422, "refused")


@pytest.mark.slow
def test_a_jobs_tiles_are_told_with_their_states(plain: Programs):
    id = put_asset(plain.studio, "a")
    body = {"picture": id, "factor": 8, "settings": TILED}
    job = plain.post("/upscale", json=body).json()["id"]
    told = plain.get(f"/upscale/jobs/{job}/tiles").json()
    assert (told["job"], told["width"], told["height"], told["redo"]) == (job, 128, 128, False)
    assert [one["key"] for one in told["tiles"]] == ["main-1", "main-2", "main-3", "main-4"]
    assert told["tiles"][3] == {
        "key": "main-4",
        "part": "main",
        "number": 4,
        "row": 1,
        "column": 1,
        "left": 64,
        "top": 64,
        "width": 64,
        "height": 64,
        "state": "waiting",
    }
    work_folders.begin(work_folders.of_job(plain.studio.home, job))
    assert plain.get(f"/upscale/jobs/{job}/tiles").json()["tiles"][0]["state"] == "waiting"
    problem(plain.get("/upscale/jobs/999/tiles"), 404, "not-found")


@pytest.mark.slow
def test_many_are_asked_for_at_once_or_none(plain: Programs):
    ids = [put_asset(plain.studio, name) for name in "ab"]
    body = {"pictures": ids, "factor": 4}
    told = plain.post("/upscale/many", "artist", json=body, headers={"Idempotency-Key": "m"})
    assert told.status_code == 202 and len(told.json()["jobs"]) == 2
    again = plain.post("/upscale/many", "artist", json=body, headers={"Idempotency-Key": "m"})
    assert again.json() == told.json()
    wrong = {"pictures": [*ids, "none"], "factor": 4}
    problem(plain.post("/upscale/many", "artist", json=wrong), 422, "refused")
    assert len(queue.listing(plain.studio.engine, kind="upscale")) == 2


@pytest.mark.slow
def test_what_it_takes_is_told_before(plain: Programs):
    id = put_asset(plain.studio, "a")
    tiles = [{"key": "main-1", "prompt": "a red gem"}]
    body = {"picture": id, "factor": 8, "settings": {**TILED, "prompt": "a cave", "tiles": tiles}}
    told = plain.post("/upscale/estimate", "viewer", json=body).json()
    assert (told["tiles"], told["seconds"], told["measured"]) == (4, None, False)
    assert told["settings"]["width"] == 128 and told["cost"] == ""
    assert set(told["tokens"]) == {"", "main-1"} and "tokens" in told["tokens"]["main-1"]
    assert queue.listing(plain.studio.engine) == []
    methods = plain.get(f"/upscale/methods?picture={id}").json()
    assert methods[0]["method"] == "nearest" and methods[0]["offered"]
    problem(plain.get("/upscale/methods?picture=none"), 404, "not-found")
    assert isinstance(plain.get("/upscale/models").json(), list)


@pytest.mark.slow
def test_settings_are_kept_by_name(plain: Programs):
    at = "/upscale/settings/our look"
    body = {"settings": {"hold": 0.5, "width": 64}}
    made = plain.put(at, "artist", json=body).json()
    assert (made["name"], made["settings"], made["by"]) == ("our look", {"hold": 0.5}, "Artist")
    assert [one["name"] for one in plain.get("/upscale/settings").json()] == ["our look"]
    problem(plain.put(at, "viewer", json=body), 403, "not-allowed")
    problem(plain.put(at, "artist", json={"settings": {"glow": 1}}), 422, "refused")
    assert plain.put(at, "art lead", json={"settings": {}}).json()["by"] == "Artist"
    assert plain.ask("DELETE", at, "artist").status_code == 204
    assert plain.ask("DELETE", at, "artist").status_code == 204
    assert plain.get("/upscale/settings").json() == []


@pytest.mark.slow
def test_words_for_tiles_are_asked_for(plain: Programs):
    id = put_asset(plain.studio, "a")
    body = {"picture": id, "factor": 8, "settings": TILED, "means": "words"}
    job = plain.post("/upscale/descriptions", "artist", json=body)
    assert job.status_code == 202 and job.json()["title"] == "Describing the tiles of a"
    wrong = {**body, "means": "vision"}
    problem(plain.post("/upscale/descriptions", "artist", json=wrong), 422, "refused")
