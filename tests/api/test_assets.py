"""What was made, by filters; its files; and what people say of it."""

import io
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable
from tests.api.asked import ADMIN, NOW, Programs, picture, put_asset
from tests.api.test_door import problem


@pytest.fixture
def ids(plain: Programs) -> list[str]:
    return [
        put_asset(plain.studio, "gem", category="gems", name="gem_red"),
        put_asset(plain.studio, "boat", NOW + timedelta(hours=1), style="tiles", version=2),
        put_asset(plain.studio, "rock", NOW + timedelta(hours=2), by="bo"),
    ]


def found(plain: Programs, **query) -> list[str]:
    answer = plain.get("/assets", params=query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def test_assets_are_found_by_what_is_asked(plain: Programs, ids: list[str]):
    gem, boat, rock = ids
    assert found(plain) == [rock, boat, gem]
    assert found(plain, style="tiles", version=2, kind="picture") == [boat]
    assert found(plain, category="gems") == [gem] and found(plain, by="bo") == [rock]
    assert found(plain, text="BO") == [boat] and found(plain, kind="sheet") == []
    assert found(plain, verdict="open") == [rock, boat, gem]
    problem(plain.get("/assets?verdict=good"), 422, "refused")
    problem(plain.get("/assets?since=yesterday"), 422, "refused")
    said = problem(plain.get("/assets?verdicts=approved"), 422, "refused")
    assert "verdicts" in said["detail"] and "Did you mean verdict?" in said["remedy"]
    assert "none" in problem(plain.get("/me?style=x"), 422, "refused")["remedy"]
    assert plain.get("/assets?limit=1&kind=picture").status_code == 200


def test_since_finds_what_was_made_or_judged_since(plain: Programs, ids: list[str]):
    gem, boat, rock = ids
    later = NOW + timedelta(hours=3)
    verdicts.judge(plain.studio.engine, gem, Judgement("approved"), by=ADMIN, now=later, turn=0)
    assert found(plain, since="2026-08-01T13:30:00Z") == [rock, gem]
    assert found(plain, since="2026-08-01T15:00:00+02:00") == [rock, boat, gem]
    assert found(plain, since="2026-08-01T15:00") == [gem]
    assert found(plain, since="2026-08-01T15:00", verdict="approved", category="gems") == [gem]
    assert found(plain, since="2026-08-02") == []
    told = plain.get(f"/assets/{gem}").json()
    assert told["changed_at"] == "2026-08-01T15:00:00.000000+00:00" > told["at"]
    # The largest that came is the next `since`: what changed in that very moment comes again.
    assert found(plain, since=told["changed_at"]) == [gem]


def test_an_asset_says_how_it_was_made(plain: Programs, ids: list[str]):
    told = plain.get(f"/assets/{ids[0]}").json()
    assert (told["prompt"], told["seed"], told["version"]) == ("gem", 7, 1)
    assert (told["width"], told["height"], told["turn"]) == (16, 16, 0)
    assert told["recipe"]["prompt"] == "gem" and told["parents"] == told["children"] == []
    (file,) = told["files"]
    assert file["role"] == "picture" and file["hash"] == told["hash"]
    assert file["address"] == f"/api/v1/assets/{ids[0]}/files/picture"
    child = put_asset(plain.studio, "child", parents=(ids[0],))
    assert plain.get(f"/assets/{ids[0]}").json()["children"] == [child]
    assert plain.get(f"/assets/{child}").json()["parents"] == [ids[0]]
    problem(plain.get("/assets/nothing"), 404, "not-found")


def test_a_picture_is_had_once(plain: Programs, ids: list[str]):
    told = plain.get(f"/assets/{ids[0]}").json()
    address = told["picture"].removeprefix("/api/v1")
    first = plain.get(address)
    assert first.content == picture() and first.headers["content-type"] == "image/png"
    assert first.headers["etag"] == f'"{told["hash"]}"'
    again = plain.get(address, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert plain.get(f"/assets/{ids[0]}/files/picture").content == picture()
    problem(plain.get(f"/assets/{ids[0]}/files/shadow"), 404, "not-found")
    (plain.studio.home / "generated/art/gem.png").unlink()
    problem(plain.get(address), 404, "not-found")


def test_a_picture_is_made_larger_and_indexed(plain: Programs, ids: list[str]):
    large = plain.get(f"/assets/{ids[0]}/picture?factor=4")
    with Image.open(io.BytesIO(large.content)) as opened:
        assert opened.size == (64, 64) and opened.mode == "RGBA"
    table = ColourTable(("#ff0000", "#ffffff"))
    palettes.save(plain.studio.engine, "two", table, after=0, by=ADMIN, now=NOW)
    made = plain.get(f"/assets/{ids[0]}/picture?indexed=two@1&transparent=none")
    with Image.open(io.BytesIO(made.content)) as opened:
        assert opened.mode == "P"
        assert np.asarray(opened.convert("RGB"))[1, 1].tolist() == [255, 255, 255]
    for query in ("factor=3", "indexed=none", "indexed=two&transparent=9"):
        problem(plain.get(f"/assets/{ids[0]}/picture?{query}"), 422, "refused")


def test_seams_are_measured(plain: Programs, ids: list[str]):
    told = plain.get(f"/assets/{ids[0]}/seams").json()
    assert {told["x"]["verdict"], told["y"]["verdict"]} == {"whole"}
    assert plain.get(f"/assets/{ids[0]}/seams?axes=x").json()["y"] is None


def test_a_verdict_is_said_on_what_was_seen(plain: Programs, ids: list[str]):
    at = f"/assets/{ids[0]}/verdict"
    assert plain.get(at).json()["verdict"] is None
    said = {"verdict": "edit", "reasons": ["hands"], "note": " thin ", "pin": [0.5, 1], "turn": 0}
    told = plain.put(at, json=said).json()
    assert (told["verdict"], told["reasons"], told["note"]) == ("edit", ["hands"], "thin")
    assert told["pin"] == [0.5, 1.0] and told["turn"] == 1
    assert plain.put(at, json=said).json()["turn"] == 1  # the same once more
    other = {"verdict": "approved", "turn": 0}
    problem(plain.put(at, "artist", json=other), 409, "changed")
    assert plain.put(at, "artist", json={**other, "turn": 1}).json()["verdict"] == "approved"
    for wrong in ({"pin": [2, 0]}, {"pin": [1]}, {"verdict": "good"}, {"more": 1}, {"turn": -1}):
        problem(plain.put(at, json={**other, "turn": 2, "reasons": ["x"], **wrong}), 422, "refused")
    problem(plain.put("/assets/x/verdict", json=other), 404, "not-found")


def test_many_are_judged_at_once(plain: Programs, ids: list[str]):
    gem, boat, rock = ids
    plain.put(f"/assets/{rock}/verdict", json={"verdict": "rejected", "turn": 0})
    seen = {gem: 0, boat: 0, rock: 0, "nothing": 0}
    done = plain.post("/verdicts", json={"verdict": "approved", "assets": seen}).json()
    assert done == {"changed": {gem: 1, boat: 1}, "left": 1}


@pytest.mark.parametrize("name", ["style", "text", "by", "board", "category", "kind", "since"])
def test_what_no_database_takes_is_refused(plain: Programs, name: str):
    said = problem(plain.get("/assets", params={name: "a\0b"}), 422, "refused")
    assert said["errors"][0]["where"] == f"query.{name}"
