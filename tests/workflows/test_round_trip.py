"""Out to a folder and back: what needs an edit is fetched once, what is saved comes back."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from studio.accounts.rights import Actor, NotAllowed
from studio.assets import uses as records
from studio.errors import StudioError
from studio.generation import gallery_table, painted_over
from studio.generation.lists import as_png
from studio.sheets import sheet
from studio.sheets.formats import aseprite
from studio.workflows import exported, round_trip, uses
from tests import export_assets
from tests.export.drawn import sprite
from tests.worker.kinds.step_by_step import NOW


@pytest.fixture
def studio(tmp_path):
    studio = export_assets.opened(tmp_path)
    yield studio
    studio.engine.dispose()


@pytest.fixture
def id(studio):
    id = export_assets.drawn(studio, sprite(), name="gem")
    export_assets.judged(studio, id, "edit", "=the hilt")
    export_assets.judged(studio, export_assets.drawn(studio, sprite(8, 2)), "approved")
    return id


def sync(studio, folder, by="ana", **how):
    return round_trip.sync(studio, folder, by=by, now=NOW, **how)


def rows(folder):
    return list(csv.DictReader(io.StringIO((folder / round_trip.LIST).read_text())))


def test_what_needs_an_edit_is_fetched_and_comes_back_as_painted_over(studio, id, tmp_path):
    folder = tmp_path / "edits"
    done = sync(studio, folder)
    (name,) = done.fetched
    assert name == f"gem-{id[:6]}.png" and not done.returned
    assert np.array_equal(np.asarray(Image.open(folder / name)), np.asarray(sprite()))
    (row,) = rows(folder)
    assert (row["file"], row["picture"], row["who"], row["asked by"]) == (name, id, "ana", "bo")
    assert row["reasons"] == "blurry" and row["note"] == "'=the hilt"
    assert sync(studio, folder) == round_trip.Synced()  # nothing was saved
    (folder / name).write_bytes(as_png(sprite(8, 9)))
    assert sync(studio, folder).returned == (name,)
    picture = gallery_table.get(studio.engine, id)
    assert picture.painted and picture.painted_by == "ana" and picture.verdict == "edit"
    with Image.open(studio.home / picture.painted) as kept:
        assert np.array_equal(np.asarray(kept), np.asarray(sprite(8, 9)))
    (folder / name).write_bytes(as_png(sprite(8, 10)))
    assert sync(studio, folder).returned == (name,)  # again, over one's own


def test_what_another_person_has_is_told(studio, id, tmp_path):
    sync(studio, tmp_path / "ana")
    done = sync(studio, tmp_path / "eve", by="eve")
    assert done.others == ((f"gem-{id[:6]}.png", "ana"),) and not done.fetched
    assert rows(tmp_path / "eve")[0]["who"] == "ana"
    assert sync(studio, tmp_path / "eve", by="eve", take=True).fetched
    assert sync(studio, tmp_path / "third", by="ana").others[0][1] == "eve"


def test_neither_side_is_overwritten(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder).fetched
    own = as_png(sprite(8, 3))
    painted_over.paint_over(studio.engine, studio.home, id, own, by="eve", now=NOW)
    (folder / name).write_bytes(as_png(sprite(8, 4)))
    ((left, why),) = sync(studio, folder).left
    assert left == name and "eve painted it over" in why
    assert gallery_table.get(studio.engine, id).painted_by == "eve"
    assert (folder / name).read_bytes() == as_png(sprite(8, 4))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / name).write_bytes(b"somebody's")
    done = sync(studio, tmp_path / "other", take=True)
    assert done.left[0][0] == name and (tmp_path / "other" / name).read_bytes() == b"somebody's"


def test_what_can_t_be_read_is_left_and_told_and_the_rest_goes_on(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder).fetched
    (folder / name).write_bytes(b"torn")
    done = sync(studio, folder)
    assert done.left[0][0] == name and not done.returned
    assert gallery_table.get(studio.engine, id).painted is None


def test_a_folder_or_notes_that_are_none_are_named(studio, id, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StudioError, match="is no folder"):
        sync(studio, tmp_path / "file")
    with pytest.raises(StudioError, match="no form 'psd'"):
        sync(studio, tmp_path / "edits", form="psd")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / round_trip.NOTES).write_text("{")
    with pytest.raises(StudioError, match="can't be read"):
        sync(studio, tmp_path / "odd")
    with pytest.raises(NotAllowed):
        sync(studio, tmp_path / "edits", by=Actor("vi", "viewer"))


def test_only_a_style_is_fetched_where_one_is_named(studio, id, tmp_path):
    assert not sync(studio, tmp_path / "edits", style="tiles").fetched
    assert sync(studio, tmp_path / "edits", style="props").fetched
    told = json.loads((tmp_path / "edits" / round_trip.NOTES).read_text())
    assert [one["picture"] for one in told["files"].values()] == [id]


def test_aseprite_s_file_goes_out_and_back(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder, form="aseprite").fetched
    shown = aseprite.read((folder / name).read_bytes(), name).animation.frames[0].image
    assert np.array_equal(np.asarray(shown), np.asarray(sprite()))
    saved = aseprite.write(sheet.of_pictures("gem", [sprite(8, 6)]))
    (folder / name).write_bytes(saved)
    assert sync(studio, folder, form="aseprite").returned == (name,)
    painted = gallery_table.get(studio.engine, id).painted
    with Image.open(studio.home / painted) as kept:
        assert np.array_equal(np.asarray(kept), np.asarray(sprite(8, 6)))
    two = aseprite.write(sheet.of_pictures("gem", [sprite(8, 6), sprite(8, 7)]))
    (folder / name).write_bytes(two)
    assert "2 frames" in sync(studio, folder).left[0][1]


def test_what_became_of_it_is_known_at_once_and_fetching_is_no_export(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder).fetched
    assert exported.of(studio.engine) == {} and uses.listing(studio.engine) == []
    touched = sprite()
    touched.putpixel((0, 0), (200, 40, 50, 255))
    (folder / name).write_bytes(as_png(touched))
    assert sync(studio, folder).returned == (name,)
    kept = records.of(studio.engine, [id])[id]
    assert (kept.use, kept.redone) == ("touched up", pytest.approx(1 / 37))
    (listed,) = uses.listing(studio.engine, "props")
    assert listed.exported is None and listed.path == gallery_table.get(studio.engine, id).painted
    assert uses.look(studio, by="ana", now=NOW).changed == 0
    other = sprite(8, 9)
    painted_over.paint_over(studio.engine, studio.home, id, as_png(other), by="ana", now=NOW)
    assert uses.look(studio, by="ana", now=NOW).changed == 1  # it was looked for before


def test_what_was_deleted_in_the_folder_is_fetched_again(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder).fetched
    (folder / name).unlink()
    assert sync(studio, folder).fetched == (name,)
    assert np.array_equal(np.asarray(Image.open(folder / name)), np.asarray(sprite()))


def test_what_was_painted_over_in_the_studio_alone_is_fetched_anew(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder).fetched
    own = as_png(sprite(8, 3))
    painted_over.paint_over(studio.engine, studio.home, id, own, by="eve", now=NOW)
    assert sync(studio, folder).fetched == (name,)
    assert np.array_equal(np.asarray(Image.open(folder / name)), np.asarray(sprite(8, 3)))


def test_what_went_back_before_the_process_was_killed_is_no_conflict(studio, id, tmp_path):
    folder = tmp_path / "edits"
    (name,) = sync(studio, folder).fetched
    before = (folder / round_trip.NOTES).read_bytes()
    (folder / name).write_bytes(as_png(sprite(8, 9)))
    assert sync(studio, folder).returned == (name,)
    (folder / round_trip.NOTES).write_bytes(before)  # as if it had ended before the notes
    assert sync(studio, folder) == round_trip.Synced()
    (folder / name).write_bytes(as_png(sprite(8, 10)))
    assert sync(studio, folder).returned == (name,)  # and one's own can still be changed


def test_one_that_can_t_be_opened_keeps_none_of_the_others_back(studio, id, tmp_path):
    other = export_assets.drawn(studio, sprite(8, 5), name="cup")
    export_assets.judged(studio, other, "edit")
    folder = tmp_path / "edits"
    names = sync(studio, folder).fetched
    mine, bad = (next(one for one in names if one.startswith(it)) for it in ("cup", "gem"))
    (folder / bad).unlink()
    (folder / bad).mkdir()  # no file: it can't be read
    (folder / mine).write_bytes(as_png(sprite(8, 6)))
    done = sync(studio, folder)
    assert done.returned == (mine,) and {name for name, _ in done.left} == {bad}


def test_who_has_what_was_fetched_is_known_though_another_picture_is_damaged(studio, id, tmp_path):
    other = export_assets.drawn(studio, sprite(8, 5), name="cup")
    export_assets.judged(studio, other, "edit")
    (studio.home / gallery_table.get(studio.engine, other).file).write_bytes(b"torn")
    done = sync(studio, tmp_path / "ana")
    assert done.fetched == (f"gem-{id[:6]}.png",) and done.left[0][0] == f"cup-{other[:6]}.png"
    again = sync(studio, tmp_path / "eve", by="eve")
    assert again.others == ((f"gem-{id[:6]}.png", "ana"),)


def test_a_list_that_is_not_the_studio_s_is_not_overwritten(studio, id, tmp_path):
    folder = tmp_path / "edits"
    folder.mkdir()
    (folder / round_trip.LIST).write_text("mine")
    with pytest.raises(StudioError, match="is not the studio's"):
        sync(studio, folder)
    assert (folder / round_trip.LIST).read_text() == "mine"


@pytest.mark.parametrize("name", ["", "..", "../a.png", "a\0b.png", round_trip.LIST])
def test_notes_that_name_what_is_no_file_of_the_folder_are_refused(studio, tmp_path, name):
    noted = {"picture": "x", "hash": "x", "of": "x"}
    (tmp_path / round_trip.NOTES).write_text(json.dumps({"files": {name: noted}}))
    with pytest.raises(StudioError, match="can't be read"):
        sync(studio, tmp_path)
