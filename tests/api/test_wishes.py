"""Wishes by programs: expanded once, looked up with what came of them, edited field by field."""

from __future__ import annotations

from studio.assets import records
from studio.assets.records import New
from studio.jobs import queue
from studio.props import rules
from studio.props.rules import StyleWords
from studio.workflows import wishes
from tests.api.asked import NOW, Programs
from tests.api.test_door import problem


def put(called: Programs, wish: str, key: str, **more: str) -> str:
    new = wishes.new(key, rules.by_rules(wish, StyleWords()), "rules", **more)
    return records.put(called.studio.engine, [new], by="ana", now=NOW)[0]


def test_wishes_are_expanded_by_one_job_and_once(plain: Programs):
    body = {"wishes": ["a jug", "a key", "a jug"], "variants": 2}
    key = {"Idempotency-Key": "k1"}
    first = plain.post("/wishes", "artist", json=body, headers=key)
    assert first.status_code == 202, first.text
    again = plain.post("/wishes", "artist", json=body, headers=key)
    assert again.json() == first.json() and again.headers["Idempotency-Replayed"] == "true"
    (job,) = queue.listing(plain.studio.engine, kind="expand_wishes")
    told = plain.get(f"/jobs/{job.id}").json()["payload"]
    assert told == {"wishes": ["a jug", "a key"], "style": "", "variants": 2, "by": "rules"}
    problem(plain.post("/wishes", "viewer", json=body), 403, "not-allowed")
    for wrong in ({"wishes": []}, {"variants": 9}, {"by": "chat"}, {"mood": "x"}, {"wishes": 5}):
        problem(plain.post("/wishes", "artist", json={**body, **wrong}), 422, "refused")


def test_a_wish_is_told_with_all_that_came_of_it(plain: Programs):
    id = put(plain, "a jug", "k")
    picture = New("picture", "p", parents=(id,), name="jug")
    (drawn,) = records.put(plain.studio.engine, [picture], by="bo", now=NOW)
    told = plain.get(f"/wishes/{id}").json()
    assert told["specification"]["original_prompt"] == told["prompt"] == "a jug"
    assert (told["expanded_by"], told["by"], told["trigger_word"]) == ("rules", "ana", "")
    assert [(one["id"], one["kind"], one["name"]) for one in told["came"]] == [
        (drawn, "picture", "jug")
    ]
    problem(plain.get(f"/wishes/{drawn}"), 404, "not-found")
    problem(plain.get("/wishes/gone"), 404, "not-found")


def test_wishes_are_listed_a_page_at_a_time(plain: Programs):
    ids = {put(plain, wish, wish, style="art") for wish in ("a red jug", "a key", "a blue jug")}
    first = plain.get("/wishes?limit=2").json()
    second = plain.get(f"/wishes?limit=2&cursor={first['next']}").json()
    assert {one["id"] for one in first["items"] + second["items"]} == ids
    assert second["next"] is None
    assert len(plain.get("/wishes?text=jug&style=art&by=ana").json()["items"]) == 2
    assert plain.get("/wishes?style=other").json()["items"] == []
    problem(plain.get("/wishes?since=yesterday"), 422, "refused")


def test_fields_are_edited_into_a_new_wish(plain: Programs):
    id = put(plain, "a jug", "k")
    at = f"/wishes/{id}/edits"
    made = plain.post(at, "artist", json={"materials": ["clay"]})
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["parent"], told["expanded_by"], told["by"]) == (id, "hand", "Artist")
    assert told["specification"]["materials"] == ["clay"]
    assert plain.get(f"/wishes/{id}").json()["came"][0]["id"] == told["id"]
    problem(plain.post(at, "viewer", json={"materials": ["clay"]}), 403, "not-allowed")
    for wrong in ({"expanded_prompt": ""}, {"original_prompt": "gold"}, {"materials": "clay"}):
        problem(plain.post(at, "artist", json=wrong), 422, "refused")
    problem(plain.post("/wishes/gone/edits", "artist", json={}), 404, "not-found")


def test_without_a_model_rules_expand_for_nothing(plain: Programs):
    assert plain.get("/wishes/means").json() == {"model": "", "most": "", "currency": ""}
