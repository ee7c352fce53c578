"""The job that edits pictures: whole, without the studio, cut off anywhere, and refused by name."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from studio import context, images
from studio.assets import family, files, records
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.finishing import colour_table, palettes
from studio.generation import gallery_table, picture_files, start_pictures
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.settings import load_settings
from studio.worker.kinds.picture_edit import KIND
from studio.workflows import picture_edits
from tests.pixels.drawn import drawn
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran

ROWS = ["WWWWWW", "WKKKKW", "WKRRKW", "WKRRKW", "WKKKKW", "WWWWWW"]
CUT_OUT = [{"edit": "background"}, {"edit": "trim"}]


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def sprite(red=200) -> Image.Image:
    rgba = drawn(ROWS)
    rgba[2, 2, 0] = red
    return Image.fromarray(rgba, "RGBA")


@pytest.fixture
def ids(studio):
    """Three pictures of the gallery, the second of which is damaged."""
    rows = []
    for seed in range(3):
        made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", seed, 9, 2.5, 1.0)
        folder = studio.home / "generated" / "props"
        file = picture_files.keep(folder, f"p{seed}", sprite(180 + seed), made)
        rows.append(Kept(file, made, f"gem_{seed}", 1, "gems"))
    found = gallery_table.record(studio.engine, studio.home, rows, by="ana", now=NOW)
    rows[1].file.write_bytes(b"no picture")
    return found


def kept(studio, job):
    return gallery_table.ids_of(studio.engine, Wanted(job=job))


def test_it_keeps_what_comes_of_the_pictures_beside_them(studio, ids):
    given, ask = begun(studio, "picture_edit", pictures=ids, edits=CUT_OUT)
    assert given.job.payload["name"] == "gem_0 and 2 more"
    told = ran(KIND, given, ask)
    assert (len(told["pictures"]), told["same"], told["left"]) == (2, 0, 1)
    assert kept(studio, given.job.id) == told["pictures"]
    first = records.get(studio.engine, told["pictures"][0])
    assert [one.id for one in family.parents(studio.engine, first.id)] == [ids[0]]
    assert (first.style, first.version, first.name, first.category) == ("props", 1, "gem_0", "gems")
    assert first.recipe["prompt"] == "a gem"
    done = picture_edits.edits_of(first)
    assert [one.name for one in done] == ["background", "trim"] and done[0].values["by"] == "flood"
    (file,) = files.of(studio.engine, first.id)
    picture = images.open_picture(studio.home / file.path)
    assert (np.asarray(picture) == np.asarray(sprite(180))[1:5, 1:5]).all()
    assert picture_files.read_made(studio.home / file.path).prompt == "a gem"
    with Image.open(studio.home / file.path) as opened:
        chunk = json.loads(opened.text[picture_edits.KEY])
    assert [one["edit"] for one in chunk["edits"]] == ["background", "trim"]
    assert not given.workdir.exists()


def test_the_same_edits_of_the_same_picture_are_kept_once(studio, ids):
    made = []
    for _ in range(2):
        given, ask = begun(studio, "picture_edit", pictures=[ids[0]], edits=CUT_OUT)
        made.append(ran(KIND, given, ask)["pictures"])
    assert made[0] == made[1] and len(family.children(studio.engine, ids[0])) == 1
    given, ask = begun(studio, "picture_edit", pictures=[ids[0]], edits=[{"edit": "colour"}])
    assert ran(KIND, given, ask) == {"pictures": [], "files": [], "same": 1, "left": 0}


def test_a_picture_that_was_brought_has_no_parent(studio):
    hash = start_pictures.keep_picture(studio.home, sprite(), by="ana")
    given, ask = begun(studio, "picture_edit", pictures=[hash], edits=CUT_OUT, name="sword")
    assert given.job.payload["name"] == "sword"
    (id,) = ran(KIND, given, ask)["pictures"]
    assert family.parents(studio.engine, id) == []
    assert records.get(studio.engine, id).recipe["of"]["hash"] == hash
    assert gallery_table.get(studio.engine, id).width == 4


def test_a_palette_is_written_out_when_it_is_asked_for(studio, ids):
    def save(*colours, after):
        table = colour_table.ColourTable(colours)
        palettes.save(studio.engine, "house", table, after=after, by="ana", now=NOW)

    save("#140c1c", "#c82832", after=0)
    edit = {"edit": "palette", "palette": "house"}
    given, ask = begun(studio, "picture_edit", pictures=[ids[0]], edits=[edit])
    save("#ffffff", after=1)
    (said,) = given.job.payload["edits"]
    assert (said["palette"], said["colours"]) == ("house@1", ["#140c1c", "#c82832"])
    (id,) = ran(KIND, given, ask)["pictures"]
    picture = images.open_picture(studio.home / gallery_table.get(studio.engine, id).file)
    seen = {tuple(one) for one in np.asarray(picture)[..., :3].reshape(-1, 3).tolist()}
    assert seen <= {(0x14, 0x0C, 0x1C), (0xC8, 0x28, 0x32)}


def test_it_computes_without_the_studio(studio, ids, tmp_path):
    given, ask = begun(studio, "picture_edit", pictures=[ids[0], ids[2]], edits=CUT_OUT)
    work = KIND.prepare(given, ask)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    assert kept(studio, given.job.id) == [] and len(outcome.files) == 2
    plain = type(outcome)(**json.loads(json.dumps(vars(outcome))))
    assert len(KIND.commit(given, ask, plain)["pictures"]) == 2


@pytest.mark.parametrize("at", range(4))
def test_cut_off_anywhere_it_ends_the_same(studio, ids, monkeypatch, at):
    given, ask = begun(studio, "picture_edit", pictures=[ids[0], ids[2]], edits=CUT_OUT)
    with monkeypatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, picture_edits, "write")
        axe.lay(patch, shutil, "copyfile")
        axe.lay(patch, records, "put")
        with pytest.raises(Killed):
            ran(KIND, given, ask)
    assert len(ran(KIND, given, ask)["pictures"]) == 2
    assert len(kept(studio, given.job.id)) == 2


def test_the_only_picture_s_refusal_is_the_job_s(studio, ids):
    far = {"edit": "crop", "left": 0, "top": 0, "width": 60, "height": 6}
    given, ask = begun(studio, "picture_edit", pictures=[ids[0]], edits=[far])
    with pytest.raises(StudioError, match="reach beyond the picture of 6 x 6"):
        ran(KIND, given, ask)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"pictures": ["gone"], "edits": CUT_OUT}, "no picture 'gone'"),
        ({"pictures": [], "edits": CUT_OUT}, "No picture is named"),
        ({"pictures": ["x"], "edits": []}, "No edit is given"),
        ({"pictures": ["x"], "edits": [{"edit": "sharpen"}]}, "no edit 'sharpen'"),
        ({"pictures": ["x"], "edits": [{"edit": "palette", "palette": "none"}]}, "none"),
        ({"pictures": "x", "edits": []}, "pictures is 'x'"),
    ],
)
def test_what_can_t_be_done_is_refused_at_the_door(studio, asked, why):
    with pytest.raises(StudioError, match=why):
        begun(studio, "picture_edit", **asked)


def test_what_is_best_for_a_background_is_told_before(studio, ids):
    from studio.workflows import upscale_sources

    assert picture_edits.advised(upscale_sources.source(studio, ids[0])) == "flood"
