"""Styles: what is in production and for whom, versions, recipes, and requests to promote."""

import pytest

from studio.database.engine import bump, writing
from studio.registry import models, rollout, stages
from studio.registry.version_pins import pin
from tests.api.asked import ADMIN, NAMES, NOW, Programs
from tests.api.test_door import problem
from tests.api.test_paging import pages


@pytest.mark.slow
def test_a_style_says_what_is_in_production(styled: Programs):
    (style,) = styled.get("/styles").json()["items"]
    assert style == styled.get("/styles/art").json()
    assert style["production"] == {
        "version": 1,
        "since": "2026-08-01T12:00:00.000000+00:00",
        "by": "x",
        "why": "a test",
    }
    assert (style["newest"], style["rollout"]) == (3, None)
    said = problem(styled.get("/styles/itms"), 404, "not-found")
    assert said["remedy"] == "Styles: art."


def test_versions_from_the_newest_with_the_ledgers_stages(styled: Programs):
    found = [one for part in pages(styled, "/styles/art/versions", 2) for one in part]
    assert [(one["version"], one["stage"]) for one in found] == [
        (3, "candidate"),
        (2, "candidate"),
        (1, "production"),
    ]
    assert styled.get("/styles/art/versions?stage=production").json()["items"] == [found[2]]
    assert styled.get("/styles/art/versions/1").json() == found[2]
    assert styled.get("/styles/art/versions/1/gates").json() == []
    said = problem(styled.get("/styles/art/versions/9"), 404, "not-found")
    assert said["remedy"] == "It has: 1, 2, 3."


def test_a_metric_that_is_not_finite_is_null(styled: Programs):
    client = styled.studio.client
    client.set_model_version_tag("art", "2", "metric.kid", "nan")
    client.set_model_version_tag("art", "2", "metric.fid", "12.5")
    models.touch(client, "art")
    with writing(styled.studio.engine) as connection:
        bump(connection)
    told = styled.get("/styles/art/versions/2").json()
    assert told["metrics"] == {"kid": None, "fid": 12.5}


def test_a_rollout_and_a_pin_decide_for_whom(styled: Programs):
    studio = styled.studio
    at = "/styles/art/production"
    assert styled.get(at).json() == {
        "style": "art",
        "person": NAMES["viewer"],
        "version": 1,
        "why": "Version 1 is in production.",
        "pinned": False,
    }
    rollout.begin(
        studio.engine,
        studio.client,
        style="art",
        number=2,
        percent=0,
        people=["@artist", NAMES["producer"]],
        actor=ADMIN,
        why="Try it.",
        now=NOW,
    )
    try:
        assert styled.get(at).json()["version"] == 1
        assert styled.get(at, "artist").json()["version"] == 2  # by the token's own role
        assert styled.get(f"{at}?for={NAMES['artist']}").json()["version"] == 2
        assert styled.get(f"{at}?for={NAMES['producer']}").json()["version"] == 2
        shown = styled.get("/styles/art").json()["rollout"]
        assert (shown["version"], shown["against"], shown["state"]) == (2, 1, "running")
        problem(styled.get(f"{at}?for=Nobody"), 404, "not-found")
        who = NAMES["viewer"]
        pin(studio.engine, "art", NAMES["artist"], "", 3, why="Mine.", now=NOW)
        told = styled.get(at, "artist").json()
        assert (told["version"], told["pinned"]) == (3, True)
        assert styled.get(f"{at}?for={who}").json()["pinned"] is False
    finally:
        pin(studio.engine, "art", NAMES["artist"], "", None, why="", now=NOW)
        how = {"style": "art", "actor": ADMIN, "why": "Enough.", "now": NOW}
        rollout.abort(studio.engine, studio.client, **how)


def test_a_recipe_is_set_on_what_was_seen(styled: Programs):
    at = "/styles/art/recipe"
    before = styled.get(at).json()
    assert (before["recipe"], before["revision"]) == (None, 0)
    body = {"recipe": {"hard_alpha": True, "native": 32}, "after": 0, "why": "It is pixel art."}
    told = styled.put(at, "art lead", json=body).json()
    assert told["recipe"]["native"] == 32 and told["revision"] == 1 and len(told["mark"]) == 12
    assert styled.put(at, json=body).json()["revision"] == 1
    lost = {**body, "recipe": {"palette": "none such"}, "after": 1}
    problem(styled.put(at, json=lost), 422, "refused")
    again = {"recipe": told["recipe"], "after": 1, "why": "As it is."}
    assert styled.put(at, json=again).json() == told  # what is told can be sent
    other = {**body, "recipe": {"native": 16}}
    problem(styled.put(at, json=other), 409, "changed")
    problem(styled.put(at, json={**other, "recipe": {"nativ": 16}, "after": 1}), 422, "refused")
    assert styled.put(at, json={**other, "recipe": None, "after": 1}).json()["recipe"] is None
    found = styled.get(f"{at}/revisions").json()["items"]
    assert [(one["revision"], one["recipe"] is None) for one in found] == [(2, True), (1, False)]
    problem(styled.get("/styles/nothing/recipe"), 404, "not-found")


def test_a_version_is_asked_for_answered_and_promoted(styled: Programs):
    body = {"style": "art", "version": 3, "why": "It draws hands."}
    first = styled.post("/requests", "artist", json=body)
    assert first.status_code == 201
    request = first.json()
    assert styled.post("/requests", json=body).json()["id"] == request["id"]  # open already
    at = f"/requests/{request['id']}"
    told = styled.post(f"{at}/comments", "artist", json={"text": "Look at it."}).json()
    assert [(one["by"], one["text"]) for one in told["comments"]] == [
        (NAMES["artist"], "Look at it.")
    ]
    assert styled.get("/requests?state=open&style=art").json()["items"] == [told]
    problem(styled.post(f"{at}/accept", "art lead", json={}), 403, "not-allowed")
    done = styled.post(f"{at}/accept", "producer", json={"answer": "Good."}).json()
    assert (done["state"], done["decided_by"]) == ("accepted", NAMES["producer"])
    assert stages.production(styled.studio.engine, "art") == 3
    assert styled.get("/styles/art").json()["production"]["version"] == 3
    problem(styled.post(f"{at}/refuse", json={"answer": "No."}), 409, "changed")
    problem(styled.post("/requests", json=body), 422, "refused")  # it is there
    problem(styled.post("/requests", json={**body, "version": 9}), 422, "refused")
    problem(styled.get("/requests/99"), 404, "not-found")
