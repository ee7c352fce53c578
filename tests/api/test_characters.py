"""Characters by REST: saved in revisions, their cells and bars, jobs, and what is refused."""

from __future__ import annotations

from studio.jobs import queue
from tests import small_bases
from tests.api.asked import Programs
from tests.api.test_door import problem
from tests.characters_drawn import COLOURS, fill, saved, view


def put(plain: Programs, role: str = "artist", after: int = 0, **character):
    body = {"character": character, "after": after}
    return plain.put("/characters/hero", role, json=body)


def test_characters_are_saved_in_revisions_by_who_may(plain: Programs):
    told = put(plain, prompt="a knight", front=view(plain.studio, 0)).json()
    assert told["revision"] == 1 and told["page"] == "/Characters?character=hero"
    assert put(plain, after=1, height=26).json()["character"]["prompt"] == "a knight"
    problem(put(plain, after=1, height=27), 409, "changed")
    problem(put(plain, "viewer", after=2), 403, "not-allowed")
    answer = put(plain, after=2, hight=26)
    assert "hight" in problem(answer, 422, "refused")["detail"]
    assert [one["name"] for one in plain.get("/characters").json()] == ["hero"]


def test_cells_and_bars_are_told_with_why_none_can_be_drawn(plain: Programs):
    saved(plain.studio)
    ids = fill(plain.studio, "east")
    told = plain.get("/characters/hero", "viewer").json()
    rows = {row["direction"]: row for row in told["rows"]}
    assert [one["asset"] for one in rows["east"]["cells"]] == ids
    assert all(bar["met"] for bar in rows["east"]["bars"])
    assert rows["north"]["figures"] is None and rows["north"]["cells"][0]["asset"] is None
    assert "takes no poses" in told["refused"]["pose"]
    told = plain.get("/characters/hero?action=stand").json()
    assert told["refused"]["reference"] == "" and len(told["rows"][0]["cells"]) == 1
    problem(plain.get("/characters/nobody"), 404, "not-found")


def test_cells_are_asked_for_as_a_job(plain: Programs):
    saved(plain.studio)
    answer = plain.post("/character-cells", "artist", json={"character": "hero"})
    assert "takes no poses" in problem(answer, 422, "refused")["detail"]
    base = small_bases.brought(plain.studio.home, "sd1")
    saved(plain.studio, after=1, base=base)
    body = {"character": "hero", "cells": ["walk/east/2"]}
    problem(plain.post("/character-cells", "viewer", json=body), 403, "not-allowed")
    answer = plain.post("/character-cells", "artist", json=body)
    assert answer.status_code == 202, answer.text
    job = queue.get(plain.studio.engine, answer.json()["id"])
    assert job.payload["controlnet"] == "poses" and job.payload["revision"] == 2
    assert job.payload["colours"] == list(COLOURS)


def test_a_sheet_is_asked_for_as_a_job(plain: Programs):
    saved(plain.studio)
    fill(plain.studio, "east")
    answer = plain.post("/characters/hero/sheets", "artist", json={})
    assert answer.status_code == 202, answer.text
    job = queue.get(plain.studio.engine, answer.json()["id"])
    assert job.kind == "sheet" and job.payload["tags"][0]["name"] == "walk_east"
    answer = plain.post("/characters/hero/sheets", "artist", json={"action": "attack"})
    assert "No direction" in problem(answer, 422, "refused")["detail"]
    problem(plain.post("/characters/nobody/sheets", "artist", json={}), 404, "not-found")


def test_an_earlier_picture_is_taken_again(plain: Programs):
    saved(plain.studio)
    first, second = (fill(plain.studio, "east", (stride,))[0] for stride in (1, 2))
    told = plain.get("/characters/hero/cells?cell=walk/east/1").json()
    assert [one["asset"] for one in told] == [second, first]
    body = {"cell": "walk/east/1", "asset": first}
    problem(plain.put("/characters/hero/cells", "viewer", json=body), 403, "not-allowed")
    assert plain.put("/characters/hero/cells", "artist", json=body).json()["asset"] == first
    answer = plain.put("/characters/hero/cells", "artist", json={**body, "asset": "x"})
    assert "never in" in problem(answer, 422, "refused")["detail"]
    answer = plain.get("/characters/hero/cells?cell=walk/up/1")
    assert "no cell" in problem(answer, 422, "refused")["detail"]
