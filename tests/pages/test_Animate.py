"""The page Animate: pictures of the address and files become frames, a job makes the sheet, which
is shown and can be changed; a motion; a sheet cut."""

import io
import json

import pytest
from PIL import Image

from pages.animate import bringing, desk, draft, making
from studio import context
from studio.accounts.rights import Actor
from studio.datasets import versions
from studio.errors import StudioError
from studio.generation import painted_over
from studio.jobs import queue
from studio.sheets import packing
from studio.sheets.formats import aseprite, texturepacker
from studio.sheets.packing import Packing
from studio.web import ui
from studio.worker.kinds.sheet import KIND
from studio.workflows import animation_files, animation_sources, upscale_sources
from tests.prop_pictures import kept
from tests.sheets.drawn import walk, walker, with_normals
from tests.worker.kinds.step_by_step import begun, ran

SAID = {"frames": [], "tags": [], "slices": [], "pivot": [0, 0]}  # by a screen


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
        {"frames": [], "tags": [], "pivot": [0, 0]},
        {**SAID, "frames": 3},
        {**SAID, "frames": [{"of": {}, "ms": 3}]},
        {**SAID, "slices": 3},
        {**SAID, "frames": [{"of": {"picture": "x", "box": [0, 4]}, "ms": 3}]},
        {**SAID, "pivot": [0]},
    ],
)
def test_what_a_browser_says_is_checked(monkeypatch, told):
    state = {"here": type("Said", (), {"said": told})()}
    monkeypatch.setattr(desk.st, "session_state", state)
    assert desk.said("here") is None


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"frames": [{"of": {"picture": "x"}, "ms": 0}]}, "lasts 0 ms"),
        ({"frames": [{"of": {"picture": "x"}, "ms": 3}] * 2_001}, "2,001 frames"),
        ({"tags": [{"name": "a"}]}, "A tag has no 'first'"),
        ({"slices": [{"name": "a", "box": [0, 0, 2]}]}, "box is"),
        ({"slices": [{"name": "a", "box": [0, 0, 2, 2**40]}]}, "box is 1099511627776"),
        ({"slices": [{"name": "a", "box": [0, 0, 2, 2]}] * 501}, "too many tags or slices"),
        ({"pivot": [0, 1e9]}, "pivot is"),
    ],
)
def test_what_the_screen_says_and_can_t_be_kept_is_named(monkeypatch, told, says):
    state = {"here": type("Said", (), {"said": {**SAID, **told}})()}
    monkeypatch.setattr(desk.st, "session_state", state)
    with pytest.raises(StudioError, match=says):
        desk.said("here")


def test_tags_and_slices_follow_frames_that_are_replaced():
    tags = [{"name": "a", "first": 0, "last": 1}, {"name": "b", "first": 2, "last": 2}]
    told = {"tags": tags, "slices": [{"name": "s", "frame": 0}, {"name": "s", "frame": 2}]}
    one, two, three = ([{"picture": name}] for name in "xyz")

    def after(*by):
        found = draft.replaced(told, by)
        assert len(found["frames"]) == sum(map(len, by))
        places = {tag["name"]: (tag["first"], tag["last"]) for tag in found["tags"]}
        return places, [each["frame"] for each in found["slices"]]

    assert after(one, two * 3, three) == ({"a": (0, 3), "b": (4, 4)}, [0, 4])
    assert after(one * 2, two, three) == ({"a": (0, 2), "b": (3, 3)}, [0, 3])
    assert after([], two, three) == ({"a": (0, 0), "b": (1, 1)}, [0, 1])
    assert after(one, two, []) == ({"a": (0, 1)}, [0])
    assert after([], [], three) == ({"b": (0, 0)}, [0])


def test_a_cut_moves_the_tags_of_what_comes_after_it(open_page, studio):
    strip = Image.new("RGBA", (48, 32))
    strip.paste(walker(1), (0, 0))
    strip.paste(walker(2), (24, 0))
    at = open_page("Animate", id=kept(studio, strip, "page strip of two"))
    data = ("hero.aseprite", aseprite.write(walk("hero")), "image/x-aseprite")
    at.file_uploader(key="animate-drop-0").set_value(data)
    at.run()
    at.number_input(key="animate-cut-width").set_value(24).run()
    _press(at, "Cut it")
    assert not at.exception and not at.error
    _press(at, "Make the sheet")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert len(job.payload["frames"]) == 6
    assert [(one["first"], one["last"]) for one in job.payload["tags"]] == [(2, 5), (3, 5)]
    assert [one["frame"] for one in job.payload["slices"]] == [2, 2]


def test_a_tab_without_frames_is_told_of_those_that_another_brought(open_page, studio):
    first, second = open_page("Animate"), open_page("Animate")
    data = ("hero.aseprite", aseprite.write(walk("hero")), "image/x-aseprite")
    first.file_uploader(key="animate-drop-0").set_value(data)
    first.run()
    second.run()
    (told,) = [one.value for one in second.caption if "In another tab since" in one.value]
    assert "frames" in told and "picture" not in told
    _press(second, "Have it here")
    assert not second.exception and not any("No frame yet" in one.value for one in second.info)


def test_a_frame_that_was_painted_over_is_shown_as_painted(studio):
    id = kept(studio, walker(1), "page painted")
    assert making.address(upscale_sources.source(studio, id)) == f"/picture/asset/{id}"
    painted_over.paint_over(
        studio.engine, studio.home, id, _png(walker(3)), by="ana", now=context.now()
    )
    address = making.address(upscale_sources.source(studio, id))
    assert address.startswith(f"/picture/painted/{id}/{id}-")


def test_what_was_changed_on_the_screen_is_taken(monkeypatch):
    frames = [{"of": {"picture": "x", "box": [0, 0, 4, 4], "odd": 1}, "ms": 83}]
    tags = [{"name": "a", "first": 0, "last": 0, "direction": "forward", "repeat": 0}]
    slices = [
        {"name": "b", "box": [0, 0, 4, 4], "borders": [1, 1, 1, 1], "pivot": None, "frame": 0}
    ]
    told = {"frames": frames, "tags": tags, "slices": slices, "pivot": [1.5, 2]}
    monkeypatch.setattr(desk.st, "session_state", {"here": type("Said", (), {"said": told})()})
    found = desk.said("here")
    assert found == {
        "frames": [{"picture": "x", "box": [0, 0, 4, 4], "duration_ms": 83}],
        "tags": tags,
        "slices": slices,
        "pivot": [1.5, 2.0],
    }
    assert set(found) <= set(draft.LISTS) and json.dumps(found)


def test_names_are_sorted_by_their_numbers():
    names = ["walk_10.png", "Walk_9.png", "walk_1b.png", "a.png"]
    assert sorted(names, key=bringing.by_number) == [
        "a.png",
        "walk_1b.png",
        "Walk_9.png",
        "walk_10.png",
    ]


def test_a_json_comes_with_its_sheet_and_normal_sheet(open_page, studio):
    made = with_normals(walk("hero"))
    placed = packing.pack(made, Packing())
    text = texturepacker.write(made, placed, "hero.png", "hero-normal.png").encode()
    at = open_page("Animate")
    files = [
        ("hero.json", text, "application/json"),
        ("hero.png", _png(placed.image), "image/png"),
        ("hero-normal.png", _png(placed.normals), "image/png"),
    ]
    at.file_uploader(key="animate-drop-0").set_value(files)
    at.run()
    assert not at.exception and not at.error
    _press(at, "Make the sheet")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert len(job.payload["frames"]) == 4 and all(one["normal"] for one in job.payload["frames"])
    assert [one["name"] for one in job.payload["slices"]] == ["hit box", "panel"]


def test_a_second_file_brings_its_tags_behind_the_first(open_page, studio):
    at = open_page("Animate")
    for number in range(2):
        data = ("hero.aseprite", aseprite.write(walk("hero")), "image/x-aseprite")
        at.file_uploader(key=f"animate-drop-{number}").set_value(data)
        at.run()
    assert not at.exception and not at.error
    _press(at, "Make the sheet")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert [one["first"] for one in job.payload["tags"]] == [0, 1, 4, 5]
    assert [one["frame"] for one in job.payload["slices"]] == [0, 0, 4, 4]


def test_a_flipbook_of_what_was_drawn_on_black(open_page, studio):
    ids = [kept(studio, walker(stride), f"black{stride}") for stride in (1, 2)]
    at = open_page("Animate", ids=",".join(ids))
    _press(at, "As a flipbook")
    (drawn,) = [one for one in at.segmented_control if one.label == "Frames are"]
    drawn.set_value("black").run()
    (blend,) = [one for one in at.segmented_control if one.label == "Blending"]
    blend.set_value("premultiplied").run()
    _press(at, "Make the sheet")
    assert not at.exception and not at.error
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert (job.payload["drawn"], job.payload["effect"]) == ("black", "premultiplied")
    told = job.payload["packing"]
    assert (told["way"], told["trim"], told["merge"], told["padding"]) == ("grid", False, False, 0)


def test_a_sheet_that_is_changed_keeps_all_that_it_was_made_by(open_page, studio):
    more = {"effect": "premultiplied", "colours": ["#000000", "#ffffff"]}
    id = _sheet(studio, **more, packing={"padding": 5, "way": "grid"})
    at = open_page("Animate", sheet=id)
    _press(at, "Change it: frames into a new sheet")
    (padding,) = [one for one in at.number_input if one.label == "Padding, px"]
    assert padding.value == 5 and padding.disabled
    _press(at, "Make the sheet")
    job = queue.listing(studio.engine, kind="sheet")[0]
    assert job.payload["effect"] == "premultiplied" and job.payload["before"] == id
    assert job.payload["colours"] == ["#000000", "#ffffff"]


def test_frames_go_into_a_dataset_with_their_phase(open_page, studio):
    at = open_page("Animate", sheet=_sheet(studio))
    assert next(one for one in at.button if one.label == "Add the frames").disabled
    next(one for one in at.selectbox if one.label == "Dataset").set_value("sample").run()
    next(one for one in at.text_input if one.label == "Caption").set_value("fire burst").run()
    _press(at, "Add the frames")
    assert not at.exception and not at.error
    assert "frames were added to sample" in at.success[0].value
    found = [one for one in versions.load(studio.home, "sample").pictures if one.cut]
    assert sorted(one.caption for one in found)[0] == "fire burst, walk, phase 1 of 8"
    assert {one.cut.tag for one in found} == {"walk"} and "fire burst" in at.code[0].value


def test_who_may_not_bring_frames_is_told_why_none_came(open_page, studio, monkeypatch):
    id = kept(studio, walker(1), "page of a viewer")
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Animate", id=id)
    assert any("No frame was taken" in one.value for one in at.warning)
    assert "No frame yet" in at.info[0].value


def test_a_motion_that_can_t_be_is_named_before_it_is_asked_for(open_page, studio):
    at = open_page("Animate", id=kept(studio, walker(1), "page flashes"))
    at.segmented_control(key="animate-show").set_value("Motion").run()
    at.selectbox(key="motion").set_value("flash").run()
    at.number_input(key="animate-flash-times").set_value(5).run()
    assert "5 flashes" in at.error[0].value.replace("\\", "")
    assert next(one for one in at.button if one.label == "Make the sheet").disabled
