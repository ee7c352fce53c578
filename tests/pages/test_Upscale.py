"""The page Upscale: sources, methods, settings, what is asked for, and who may."""

import io
import json

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from pages.upscale import again, settings_draft, stage, starting, tile_words, which
from pages.upscale.stage import Redo
from studio.accounts import unsaved
from studio.accounts.rights import Actor
from studio.assets import records
from studio.assets.files import read
from studio.assets.records import New
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.jobs import queue
from studio.upscaling import saved
from studio.web import drafts, session, ui
from studio.workflows import upscale_sources, upscaling
from studio.workflows.upscaling import Size
from tests.pages.test_Gallery import NOW, keep, press, said


def told(at):
    """What the stage was told."""
    proto = next(
        e.proto for e in at.get("bidi_component") if e.proto.component_name.endswith("upscale")
    )
    return json.loads(proto.json)


def address(at, name):
    value = at.query_params[name]
    return value[0] if isinstance(value, list) else value


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def painted(width=96, height=64):
    """A soft picture of many colours, which is no pixel art."""
    noise = np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)
    soft = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    return soft.convert("RGBA")


def brought(studio, picture):
    return start_pictures.keep_picture(studio.home, picture, by="ana")


def put(at, subject, **fields):
    """As somebody does in the fields of a draft."""
    for name, value in fields.items():
        at.session_state[f"draft {subject} {name}"] = value
    engine = session.studio().engine
    held = unsaved.find(engine, "ana", subject)
    unsaved.keep(engine, "ana", subject, {**(held.fields if held else {}), **fields}, now=NOW)
    at.run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def jobs(studio, kind="upscale"):
    return sorted(queue.listing(studio.engine, kind=kind), key=lambda job: job.id)


@pytest.mark.slow
def test_without_a_picture_it_says_where_they_are(studio, open_page):
    keep(studio, [1])
    at = open_page("Upscale")
    labels = {link.proto.label for link in at.get("page_link")}
    assert labels >= {"Choose in the gallery", "Choose a list"}
    assert "newest of the gallery" in said(at) and len(at.file_uploader) == 1
    assert "not there any more" in said(open_page("Upscale", id="gone"))


def test_a_file_is_kept_and_the_address_names_it(studio, open_page):
    at = open_page("Upscale")
    picture = painted()
    at.file_uploader[0].set_value([("a map.png", png(picture), "image/png")]).run()
    assert not at.exception
    hash = address(at, "id")
    assert start_pictures.size_of(studio.home, hash) == picture.size
    assert told(open_page("Upscale", id=hash))["before"]["url"] == f"/upscale/levels/{hash}"


def test_what_is_no_picture_is_named(studio, open_page):
    at = open_page("Upscale")
    at.file_uploader[0].set_value([("a.png", b"none", "image/png")]).run()
    assert "not a picture in a known format" in said(at) and "id" not in at.query_params


def test_pixel_art_is_enlarged_by_its_pixels_unless_somebody_says_otherwise(studio, open_page):
    (id,) = keep(studio, [1])
    at = open_page("Upscale", id=id)
    assert at.radio[0].value == "nearest" and address(at, "method") == "nearest"
    data = told(at)
    assert data["size"] == [64, 64] and data["sharp"] and data["tiles"] == []
    press(at, "Enlarge")
    (job,) = jobs(studio)
    settings = job.payload["settings"]
    assert job.payload["picture"] == id
    assert (settings["method"], settings["width"], settings["height"]) == ("nearest", 64, 64)
    assert isinstance(settings["seed"], int)
    assert address(at, "job") == str(job.id)
    data = told(at)
    assert data["job"] == job.id and data["running"]
    assert data["state"] == f"/upscale/state/{job.id}?boxes=0"


def test_hit_twice_it_is_one_job(studio, open_page):
    (id,) = keep(studio, [1])
    at = open_page("Upscale", id=id)
    press(at, "Enlarge")
    press(at, "Enlarge")
    assert len(jobs(studio)) == 1


def test_the_target_is_a_factor_a_long_side_or_a_size(studio, open_page):
    hash = brought(studio, painted(96, 64))
    subject = f"upscale/{hash}/lanczos"
    at = put(open_page("Upscale", id=hash, method="lanczos"), subject, factor=3.0)
    assert told(at)["size"] == [288, 192]
    at = put(at, subject, target="long side", long_side=1024)
    assert told(at)["size"] == [1024, 683]
    at = put(at, subject, target="exact", exact_width=50, exact_height=70)
    assert told(at)["size"] == [50, 70]
    at = put(at, subject, target="factor", factor=32.0)
    assert "px" in said(at)
    at = put(at, subject, target="exact", exact_width=0, exact_height=70)
    assert at.error and not [b for b in at.button if b.label == "Enlarge"]


def test_tiles_are_shown_before_anything_is_started(studio, open_page):
    hash = brought(studio, painted())
    at = open_page("Upscale", id=hash, method="diffusion", style="(none)")
    at = put(at, f"upscale/{hash}/diffusion", tile=64, overlap=8, prompt="a meadow", steps=4)
    data = told(at)
    assert data["size"] == [192, 128] and len(data["tiles"]) > 4
    assert data["tiles"][0][0] == "main-1" and data["tiles"][0][1:3] == [0, 0]
    assert data["words"] and data["all"]["prompt"] == "a meadow" and data["editable"]
    assert not data["redo"] and data["after"] is None and data["states"] == ""
    assert f"{len(data['tiles'])} tiles" in said(at)


def test_prompts_of_tiles_are_kept_and_asked_for(studio, open_page):
    hash = brought(studio, painted())
    subject = f"upscale/{hash}/diffusion"
    own = {"main-2": {"prompt": "a pond", "negative": "", "locked": True, "seed": 5}}
    at = open_page("Upscale", id=hash, method="diffusion", style="(none)")
    at = put(at, subject, tile=64, overlap=8, prompts=own)
    at = open_page("Upscale", id=hash, method="diffusion", style="(none)")  # a reload
    assert told(at)["prompts"] == own and "not saved" in said(at)
    press(at, "Enlarge")
    (job,) = jobs(studio)
    assert job.payload["settings"]["tiles"] == [{"key": "main-2", **own["main-2"]}]


@pytest.mark.slow
def test_settings_are_kept_by_name_and_put_back(studio, open_page):
    hash = brought(studio, painted())
    subject = f"upscale/{hash}/lanczos"
    at = put(open_page("Upscale", id=hash, method="lanczos"), subject, wrap="xy")
    at.session_state["upscale-saved box"] = True
    at.session_state["upscale-saved-name"] = "textures"
    at.run()
    press(at, "Save")
    (kept,) = saved.listing(studio.engine)
    assert kept.settings["wrap"] == "xy" and kept.settings["method"] == "lanczos"
    assert not {"width", "height", "tiles", "regions"} & set(kept.settings)
    other = brought(studio, painted(40, 40))
    at = open_page("Upscale", id=other, method="model")
    at.session_state["upscale-saved box"] = True
    at.run()
    at.selectbox(key="upscale-saved").set_value("textures").run()
    assert not at.exception and address(at, "method") == "lanczos"
    assert at.session_state[f"draft upscale/{other}/lanczos wrap"] == "xy"


def test_many_are_a_job_each(studio, open_page):
    ids = keep(studio, range(3))
    at = open_page("Upscale", ids=",".join(ids))
    assert any(b.label == "Enlarge 3" for b in at.button) and "3 pictures" in said(at)
    press(at, "Enlarge 3")
    assert [job.payload["picture"] for job in jobs(studio)] == ids
    assert "3 are in the queue" in said(at)


def test_each_of_many_is_drawn_by_its_own_prompt_unless_one_is_given(studio, open_page):
    ids = [*keep(studio, [1], prompt="a pond"), *keep(studio, [2], prompt="a tree")]
    asked = {"ids": ",".join(ids), "method": "diffusion", "style": "(none)"}
    at = open_page("Upscale", **asked)
    press(at, "Enlarge 2")
    assert [job.payload["settings"]["prompt"] for job in jobs(studio)] == ["a pond", "a tree"]


def test_those_that_are_gone_are_counted(studio, open_page):
    (id,) = keep(studio, [1])
    at = open_page("Upscale", ids=f"{id},gone,lost")
    assert "2 of 3 pictures are not there any more" in said(at)
    assert told(at)["before"]["url"].endswith(id)


def test_of_a_large_choice_the_address_is_short(studio, monkeypatch):
    monkeypatch.setattr(which, "IN_ADDRESS", 2)
    assert which.of_chosen(["a"]) == {"id": "a"} and which.of_chosen(["a", "b"]) == {"ids": "a,b"}
    word = which.of_chosen(["a", "b", "c"])["chosen"]
    held = unsaved.find(studio.engine, "ana", f"upscale/{word}/chosen")
    assert held is not None and held.fields["ids"] == ["a", "b", "c"]


def test_a_viewer_sees_it_and_why_nothing_can_be_started(studio, open_page, monkeypatch):
    (id,) = keep(studio, [1])
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Upscale", id=id)
    start = next(b for b in at.button if b.label == "Enlarge")
    assert start.disabled and "artists" in start.help and "Enlarging is for" in said(at)
    data = told(at)
    assert not data["editable"] and not data["redo"] and "artists" in data["why"]
    assert open_page("Upscale").file_uploader[0].proto.disabled
    at = open_page("Upscale", show="Models")
    assert "brought in by" in said(at) and not at.file_uploader


@pytest.mark.slow
def test_a_job_that_is_gone_or_of_another_kind_is_said(studio, open_page):
    (id,) = keep(studio, [1])
    other = queue.submit(
        studio.engine, kind="evaluate", lane="work", payload={}, asked_by="ana", now=NOW
    )
    for job in ("99999", "x", str(other.id)):
        at = open_page("Upscale", id=id, job=job)
        assert "There is no enlarging" in said(at) and told(at)["job"] is None


def test_what_was_cut_off_goes_on(studio, open_page):
    (id,) = keep(studio, [1])
    at = open_page("Upscale", id=id)
    press(at, "Enlarge")
    (job,) = jobs(studio)
    queue.cancel(studio.engine, job.id, "ana", NOW)
    at = open_page("Upscale", id=id, job=str(job.id))
    press(at, "Resume")
    assert [one.state for one in jobs(studio)] == ["cancelled", "queued"]
    assert address(at, "job") == str(jobs(studio)[-1].id)


def test_the_settings_are_folded_with_a_line_of_help_each(studio, open_page):
    hash = brought(studio, painted())
    at = open_page("Upscale", id=hash, method="diffusion", style="(none)")
    groups = ("Drawing", "Tiles", "Seams and edges", "ControlNet and reference", "Transparency")
    for group in (*groups, "Regions"):
        at.session_state[f"upscale-group {group}"] = True
    at.run()
    assert not at.exception
    shown = (*at.slider, *at.number_input, *at.toggle)
    fields = [field for field in shown if str(field.key).startswith("draft ")]
    assert len(fields) > 10 and all(field.help for field in fields)
    labels = {field.label for field in fields}
    assert {"Denoising strength", "Keep source colours", "Tile size", "Overlap"} <= labels
    at = put(at, f"upscale/{hash}/diffusion", strength=0.5)
    assert "Set by hand: Drawing" in said(at)


@pytest.mark.slow
def test_a_region_is_added_and_removed(studio, open_page):
    hash = brought(studio, painted())
    at = open_page("Upscale", id=hash, method="diffusion", style="(none)")
    at.session_state["upscale-group Regions"] = True
    at.run()
    at.number_input(key="upscale-region width").set_value(40)
    at.text_input(key="upscale-region prompt").set_value("a well")
    press(at, "Add the region")
    (region,) = at.session_state[f"draft upscale/{hash}/diffusion regions"]
    assert (region["width"], region["prompt"], region["padding"]) == (40, "a well", 64)
    at.session_state["upscale-group Regions"] = True
    at.run()
    press(at, "Remove")
    assert at.session_state[f"draft upscale/{hash}/diffusion regions"] == []


def test_a_result_leads_to_the_same_again(studio, open_page):
    hash = brought(studio, painted())
    source = upscale_sources.source(studio, hash)
    made = upscaling.wanted(
        studio, source, {"method": "lanczos", "wrap": "xy"}, Size(factor=2.0)
    ).settings
    recipe = {
        "prompt": "a moor",
        "upscaling": upscaling.as_json(made),
        "of": {"hash": hash, "width": 96, "height": 64},
    }
    (id,) = keep(studio, [4])
    assert again.address(studio, id) is None
    file = studio.home / "generated" / "props" / "p4.png"
    new = New(
        kind="picture", key="upscaled/1/x", files={"picture": (file, read(file))}, recipe=recipe
    )
    (result,) = records.put(studio.engine, [new], by="ana", now=NOW)
    address_of = again.address(studio, result)
    assert address_of == {"id": hash, "like": result}
    at = open_page("Upscale", **address_of)
    assert at.radio[0].value == "lanczos" and "like" not in at.query_params
    assert at.session_state[f"draft upscale/{hash}/lanczos wrap"] == "xy"


def test_upscaling_models_are_listed(studio, open_page):
    at = open_page("Upscale", show="Models")
    assert "Real-ESRGAN" in said(at) and "BSD-3-Clause" in said(at)


def test_what_a_browser_says_is_looked_at():
    class Said:
        prompts = {
            "main-1": {"prompt": "x" * 3_000, "negative": 5, "locked": "yes", "seed": True},
            "main-2": {"prompt": "a", "negative": "b", "locked": True, "seed": 7},
            "main-3": "none",
        }
        redo = {"key": "main-1", "seed": 9.0, "prompt": "p"}

    st.session_state["one"] = Said
    found = stage.prompts("one")
    assert found["main-1"] == {
        "prompt": "x" * 2_000,
        "negative": "",
        "locked": False,
        "seed": None,
    }
    assert found["main-2"] == {"prompt": "a", "negative": "b", "locked": True, "seed": 7}
    assert "main-3" not in found
    assert stage.redo("one") == Redo("main-1", 9, "p", "")
    for bad in ({"key": "main-1"}, {"key": 3, "seed": 1}, {"key": "main-1", "seed": -1}, None):
        Said.redo = bad
        assert stage.redo("one") is None


def test_a_tile_drawn_anew_keeps_what_the_others_are_told():
    before = {
        "main-1": {"prompt": "a", "negative": "", "locked": False, "seed": 3},
        "main-2": {"prompt": "b", "negative": "", "locked": True, "seed": None},
    }
    told = [{"key": key, **one} for key, one in before.items()]
    found = {one["key"]: one for one in starting.tiles_of(Redo("main-1", 8, "c", "d"), told)}
    assert found["main-2"] == told[1]
    assert found["main-1"] == {
        "key": "main-1",
        "prompt": "c",
        "negative": "d",
        "locked": False,
        "seed": 8,
    }


def test_words_of_a_job_leave_locked_tiles_alone(studio):
    locked = {"prompt": "mine", "negative": "", "locked": True, "seed": None}
    subject = "upscale/x/diffusion"
    draft = drafts.Draft(subject, {"prompts": {}}, None)
    st.session_state[f"draft {subject} prompts"] = {"main-1": locked}
    tile_words.described(draft, {"main-1": "theirs", "main-2": "a tree", "main-3": ""})
    held = st.session_state[f"draft {subject} prompts"]
    assert held["main-1"] == locked and held["main-2"]["prompt"] == "a tree"
    assert "main-3" not in held


def test_what_is_asked_names_no_setting_that_there_is_not(studio):
    hash = brought(studio, painted())
    source = upscale_sources.source(studio, hash)
    chosen = {"method": "lanczos"}
    found = settings_draft.proposed(studio, source, chosen)
    assert "schema" not in found and found["seed"] is None and found["factor"] == 2.0
    with pytest.raises(StudioError, match="no setting"):
        upscaling.wanted(studio, source, {**chosen, "colour": 1}, Size())
