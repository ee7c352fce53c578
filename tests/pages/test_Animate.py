"""The page Animate: pictures of the address and files become frames, a job makes the sheet, which
is shown and can be changed; a motion; a sheet cut."""

import io
import json

import pytest

from pages.animate import desk, draft
from studio import context
from studio.jobs import queue
from studio.sheets.formats import aseprite
from studio.worker.kinds.sheet import KIND
from studio.workflows import animation_files, animation_sources
from tests.prop_pictures import kept
from tests.sheets.drawn import walk, walker
from tests.worker.kinds.step_by_step import begun, ran


def _press(at, label):
    next(one for one in at.button if one.label == label).click()
    return at.run()


def _png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _sheet(studio: context.Studio, **more) -> str:
    payload, _ = animation_sources.brought(
        studio, aseprite.write(walk("hero")), "hero.aseprite", by="ana"
    )
    given, ask = begun(studio, "sheet", **{**payload, **more})
    return str(ran(KIND, given, ask)["sheet"])


def test_pictures_of_the_address_become_frames_and_a_job(open_page, studio):
    ids = [kept(studio, walker(stride), f"page{stride}") for stride in (1, 2)]
    at = open_page("Animate", ids=",".join(ids))
    assert not at.error and not at.info
    assert "ids" not in at.query_params
    _press(at, "Make the sheet")
    assert not at.exception and not at.error
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert [one["picture"] for one in job.payload["frames"]] == ids
    assert job.payload["packing"]["way"] == "maxrects"
    assert at.query_params["job"] in (str(job.id), [str(job.id)])


def test_a_file_brings_its_tags_and_its_name(open_page, studio):
    at = open_page("Animate")
    assert "No frame yet" in at.info[0].value
    data = aseprite.write(walk("hero"))
    at.file_uploader(key="animate-drop-0").set_value(("hero.aseprite", data, "image/x-aseprite"))
    at.run()
    assert not at.exception and not at.error
    _press(at, "Make the sheet")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert [one["duration_ms"] for one in job.payload["frames"]] == [83, 84, 85, 86]
    assert [one["name"] for one in job.payload["tags"]] == ["walk", "there and back"]
    assert job.payload["pivot"] == [11.5, 30.0] and job.payload["name"] == "hero"


def test_a_file_that_is_none_is_told_and_frames_stay(open_page, studio):
    at = open_page("Animate", id=kept(studio, walker(1), "page one"))
    at.file_uploader(key="animate-drop-0").set_value(("x.aseprite", b"nothing", "image/x-aseprite"))
    at.run()
    assert "x.aseprite" in at.error[0].value.replace("\\", "")
    at.run()
    _press(at, "Make the sheet")
    assert len(queue.listing(studio.engine, kind="sheet")) == 1


def test_a_sheet_is_cut_into_frames_or_the_grid_is_named(open_page, studio):
    from PIL import Image

    strip = Image.new("RGBA", (64, 32))
    strip.paste(walker(1), (0, 0))
    strip.paste(walker(2), (32, 0))
    at = open_page("Animate", id=kept(studio, strip, "page strip"))
    _press(at, "Cut it")
    assert not at.error
    _press(at, "Make the sheet")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert [one["box"] for one in job.payload["frames"]] == [[0, 0, 32, 32], [32, 0, 32, 32]]
    _press(at, "Take all frames out")
    assert "No frame yet" in at.info[0].value


def test_a_picture_moves(open_page, studio):
    id = kept(studio, walker(1), "page moves")
    at = open_page("Animate", id=id)
    at.segmented_control(key="animate-show").set_value("Motion").run()
    at.selectbox(key="motion").set_value("spin").run()
    assert not at.exception and not at.error
    _press(at, "Make the sheet")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert job.payload["motion"]["motion"] == "spin" and len(job.payload["frames"]) == 1


def test_a_sheet_is_shown_and_its_frames_go_into_a_new_one(open_page, studio):
    id = _sheet(studio)
    at = open_page("Animate", sheet=id)
    assert not at.error and any("Made by" in one.value for one in at.caption)
    _press(at, "Change it: frames into a new sheet")
    assert not at.exception and not at.error
    _press(at, "Make the sheet")
    job = queue.listing(studio.engine, kind="sheet")[0]
    assert job.payload["before"] == id and job.payload["name"] == "hero"
    assert len(job.payload["frames"]) == 4


def test_a_sheet_that_is_gone_is_said(open_page, studio):
    at = open_page("Animate", sheet="nobody")
    assert any("There is no sheet nobody" in one.value for one in at.warning)
    _sheet(studio)
    assert animation_files.all_sheets(studio.engine)[0].name == "hero"


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"frames": 3, "tags": [], "pivot": [0, 0]},
        {"frames": [{"of": {}, "ms": 3}], "tags": [], "pivot": [0, 0]},
        {"frames": [{"of": {"picture": "x"}, "ms": 0}], "tags": [], "pivot": [0, 0]},
        {"frames": [], "tags": [{"name": "a"}], "pivot": [0, 0]},
        {"frames": [], "tags": [], "pivot": [0]},
    ],
)
def test_what_a_browser_says_is_checked(monkeypatch, told):
    state = {"here": type("Said", (), {"said": told})()}
    monkeypatch.setattr(desk.st, "session_state", state)
    assert desk.said("here") is None


def test_what_was_changed_on_the_screen_is_taken(monkeypatch):
    frames = [{"of": {"picture": "x", "box": [0, 0, 4, 4], "odd": 1}, "ms": 83}]
    tags = [{"name": "a", "first": 0, "last": 0, "direction": "forward", "repeat": 0}]
    told = {"frames": frames, "tags": tags, "pivot": [1.5, 2]}
    monkeypatch.setattr(desk.st, "session_state", {"here": type("Said", (), {"said": told})()})
    found = desk.said("here")
    assert found == {
        "frames": [{"picture": "x", "box": [0, 0, 4, 4], "duration_ms": 83}],
        "tags": tags,
        "pivot": [1.5, 2.0],
    }
    assert set(found) <= set(draft.LISTS) and json.dumps(found)
