"""Exports by REST: profiles, plans, jobs, zips, and what an asset became."""

from __future__ import annotations

import io
import zipfile

from studio.jobs import queue
from studio.worker.kinds.export import KIND
from studio.worker.payload import read
from tests.api.asked import Programs
from tests.api.test_door import problem
from tests.export.drawn import sprite
from tests.export_assets import drawn
from tests.worker.kinds.step_by_step import again, ran


def saved(plain: Programs, name: str = "game", after: int = 0, **profile):
    body = {"profile": profile, "after": after}
    return plain.put(f"/export-profiles/{name}", "art lead", json=body)


def test_profiles_are_saved_in_revisions_by_who_may(plain: Programs):
    told = saved(plain, engine="godot").json()
    assert told["revision"] == 1 and told["profile"]["engine"] == "godot"
    problem(saved(plain, engine="unity"), 409, "changed")
    body = {"profile": {}, "after": 1}
    problem(plain.put("/export-profiles/game", "artist", json=body), 403, "not-allowed")
    answer = saved(plain, after=1, engin="godot")
    assert "engin" in problem(answer, 422, "refused")["detail"]
    assert [one["name"] for one in plain.get("/export-profiles").json()] == ["game"]


def test_a_plan_writes_nothing_and_a_job_makes_a_zip(plain: Programs):
    saved(plain)
    id = drawn(plain.studio, sprite(), name="gem")
    body = {"assets": [id], "profile": "game"}
    told = plain.post("/exports/plan", "viewer", json=body).json()
    assert [one["path"] for one in told["changes"]] == ["gems/gem_1.png", "housestyle.json"]
    assert told["flaws"] == [] and queue.listing(plain.studio.engine) == []
    problem(plain.post("/exports", "viewer", json=body), 403, "not-allowed")
    answer = plain.post("/exports", "artist", json=body)
    assert answer.status_code == 202, answer.text
    job = queue.get(plain.studio.engine, answer.json()["id"])
    done = ran(KIND, again(plain.studio, job), read(KIND.payload, job.payload))
    packed = plain.get(f"/exports/{done['asset']}/file")
    assert packed.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.namelist() == ["gems/gem_1.png", "housestyle.json"]
    (one,) = plain.get("/exports").json()
    assert (one["asset"], one["files"], one["job"]) == (done["asset"], 2, job.id)
    (file,) = plain.get(f"/exported/{id}").json()
    assert file["path"] == "gems/gem_1.png" and file["fields"]["name"] == "gem"
    told = plain.get(f"/assets/{done['asset']}").json()
    assert told["kind"] == "export" and told["parents"] == [id]


def test_what_is_not_there_is_told(plain: Programs):
    saved(plain)
    body = {"assets": ["gone"], "profile": "game"}
    assert "gone" in problem(plain.post("/exports/plan", json=body), 422, "refused")["detail"]
    body = {"assets": ["gone"], "profile": "other"}
    assert "other" in problem(plain.post("/exports", json=body), 422, "refused")["detail"]
    problem(plain.get("/exports/gone/file"), 404, "not-found")
