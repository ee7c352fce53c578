"""What an assistant looks at, finds and finishes."""

import base64
import io
import json
from datetime import timedelta

import pytest
from PIL import Image

from studio.accounts.rights import Actor
from studio.assets import family, records, verdicts
from studio.assets.verdicts import Judgement
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable
from studio.generation import gallery_table
from studio.store import local
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.settings import usual
from tests.api.mcp.calling import ANA, NOW, drawn, words
from tests.tiles.drawn import GRASS, WATER, texture


def judged(studio, id, verdict="approved"):
    verdicts.judge(studio.engine, id, Judgement(verdict), by="cy", now=NOW, turn=0)


def seen(told):
    """The picture of an answer, and its bytes."""
    data = base64.b64decode(told.content[0].data)
    return Image.open(io.BytesIO(data)), data


def file_of(studio, id):
    return studio.home / gallery_table.get(studio.engine, id).file


def test_a_picture_comes_byte_for_byte_with_how_it_was_made(call, studio):
    id = drawn(studio, "plain", seed=11, category="gems")
    told = call("get_picture", asset=id)
    picture, data = seen(told)
    assert told.content[0].mime_type == "image/png" and picture.size == (32, 24)
    assert data == file_of(studio, id).read_bytes()
    said = told.structured_content
    assert (said["id"], said["style"], said["version"], said["seed"]) == (id, "props", 1, 11)
    assert (said["prompt"], said["category"], said["verdict"]) == ("a red gem", "gems", None)
    assert (said["width"], said["height"], said["parents"], said["children"]) == (32, 24, [], [])
    assert (said["recipe"]["steps"], said["recipe"]["dataset"]) == (20, "gems@1")
    assert said["picture"] == f"/api/v1/assets/{id}/picture" and len(said["hash"]) == 64
    assert json.loads(told.content[1].text) == said


def test_a_large_picture_is_scaled_and_pixel_art_enlarged_sharp(call, studio):
    large, small = drawn(studio, "large", size=(200, 100)), drawn(studio, "small", size=(16, 16))
    picture, _ = seen(call("get_picture", asset=large, side=50))
    assert picture.size == (50, 25)
    picture, _ = seen(call("get_picture", asset=small, factor="8"))
    assert picture.size == (128, 128) and picture.getcolors() is not None
    assert {pixel for _, pixel in picture.getcolors()} == {(200, 20, 30, 255), (10, 20, 200, 100)}
    assert "no factor" in words(call("get_picture", asset=small, factor="3"))
    assert "too large" in words(call("get_picture", asset=large, factor="16"))
    assert "side is 5." in words(call("get_picture", asset=small, side=5))


def test_a_file_that_is_gone_is_said_so_without_its_place(call, studio):
    id = drawn(studio, "gone")
    file_of(studio, id).unlink()
    said = words(call("get_picture", asset=id))
    assert "file is gone" in said and str(studio.home) not in said


@pytest.fixture
def found(call):
    """The ids that a search gives, page by page."""

    def all(**filters):
        ids, cursor = [], ""
        while cursor is not None:
            told = call("search_pictures", **filters, cursor=cursor).structured_content
            ids += [one["id"] for one in told["items"]]
            cursor = told["next"]
        return ids

    return all


def test_what_was_approved_is_found_by_filters_a_page_at_a_time(found, studio):
    later = NOW + timedelta(days=1)
    ids = [
        drawn(studio, f"axe-{n}", prompt=f"an axe of kind{n}", category="axes", by="dee", at=later)
        for n in range(5)
    ]
    for id in ids[:3]:
        judged(studio, id)
    judged(studio, ids[3], "rejected")
    mine = {"by": "dee", "style": "props"}
    assert found(**mine) == found(**mine, limit=2) == found(**mine, limit=1) == ids[:3]
    assert found(**mine, verdict="all", limit=2) == ids
    assert found(**mine, verdict="rejected") == [ids[3]]
    assert found(**mine, verdict="open") == [ids[4]]
    assert found(**mine, text="AXE kind2") == [ids[2]]
    assert found(**mine, category="axes") == ids[:3] and not found(**mine, category="gems")
    assert not found(**mine | {"style": "tiles"}) and not found(**mine, version=2)
    assert found(**mine, since="2026-08-02T12:00:00Z") == ids[:3]
    assert not found(**mine, since="2026-08-02T12:00:01Z")


def test_what_is_added_meanwhile_moves_no_page(call, studio):
    first, second = (drawn(studio, f"page-{n}", by="eve") for n in range(2))
    told = call("search_pictures", by="eve", verdict="all", limit=1).structured_content
    assert [one["id"] for one in told["items"]] == [first]
    drawn(studio, "page-9", by="eve", at=NOW + timedelta(hours=1))
    more = {"by": "eve", "verdict": "all", "limit": 1, "cursor": told["next"]}
    told = call("search_pictures", **more).structured_content
    assert [one["id"] for one in told["items"]] == [second] and told["next"] is None


def test_a_picture_is_finished_beside_itself_and_once(call, studio):
    id = drawn(studio, "rough")
    steps = {"recipe": {"hard_alpha": True}}
    told = call("finish_pictures", ids=[id], steps=steps).structured_content
    assert told["job"] is None and told["same"] == [] and told["left"] == []
    (new,) = told["assets"]
    assert [one.id for one in family.parents(studio.engine, new)] == [id]
    assert records.get(studio.engine, new).by == ANA
    picture, _ = seen(call("get_picture", asset=new))
    assert set(picture.getchannel("A").tobytes()) == {0, 255}
    again = call("finish_pictures", ids=[id], steps=json.dumps(steps)).structured_content
    assert again == told
    assert call("get_picture", asset=id).structured_content["children"] == [new]


def test_without_steps_the_styles_recipe_finishes_and_what_is_wrong_is_named(call, studio):
    id = drawn(studio, "bare")
    assert "props has no recipe" in words(call("finish_pictures", ids=[id]))
    assert "palette" in words(call("finish_pictures", ids=[id], palette="none such"))
    wrong = {"recipe": {"glow": 3}}
    assert "A recipe has no 'glow'" in words(call("finish_pictures", ids=[id], steps=wrong))
    other = drawn(studio, "other", style="tiles")
    assert "several styles: props, tiles" in words(call("finish_pictures", ids=[id, other]))


def test_many_are_finished_by_a_job(call, studio):
    id = drawn(studio, "huge", size=(1100, 1000))
    steps = {"recipe": {"hard_alpha": True}}
    told = call("finish_pictures", ids=[id], steps=steps, wait=0).structured_content
    assert (told["job"]["kind"], told["job"]["state"], told["assets"]) == ("finish", "queued", [])


def test_tilesets_are_found_beside_pictures(found, studio):
    settings = usual(16, inner="grass", outer="water")
    inner, outer = Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water")
    id = kept.make(studio.engine, studio.home, inner, outer, settings, by="fay", now=NOW)
    assert found(by="fay", kind="tileset", verdict="all") == [id]
    assert found(by="fay", verdict="all") == [] == found(by="fay", kind="tileset")


def test_palettes_are_listed_and_finish_in_their_colours(call, studio):
    table = ColourTable(("#c8141e", "#ffffff"))
    lead = Actor("lea", "art lead")
    palettes.save(studio.engine, "Reds", table, after=0, source="by hand", by=lead, now=NOW)
    palettes.approve(studio.engine, "Reds", 1, by=lead, now=NOW)
    (told,) = call("list_palettes").structured_content["items"]
    assert (told["name"], told["revision"], told["source"]) == ("Reds", 1, "by hand")
    assert told["colours"] == list(table.colours) and told["approved"] and not told["locked"]
    done = call("finish_pictures", ids=[drawn(studio, "reddish")], palette="Reds")
    picture, _ = seen(call("get_picture", asset=done.structured_content["assets"][0]))
    shown = {pixel[:3] for _, pixel in picture.convert("RGBA").getcolors() if pixel[3]}
    assert shown <= {(200, 20, 30), (255, 255, 255)}


def test_a_picture_that_is_in_the_bucket_alone_is_brought_back(call, studio, monkeypatch):
    id = drawn(studio, "far")
    file = file_of(studio, id)
    data = file.read_bytes()
    file.unlink()
    monkeypatch.setattr(local, "present", lambda path: path.write_bytes(data) and path)
    assert seen(call("get_picture", asset=id))[1] == data
