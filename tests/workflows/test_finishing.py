"""Finished pictures are assets of their own: kept once, beside their parents, and taken back."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from studio import context
from studio.accounts.rights import Actor, NotAllowed
from studio.assets import boards, family, files, records
from studio.assets.search import Wanted
from studio.assets.tables import assets
from studio.database.engine import writing
from studio.errors import StudioError
from studio.finishing.recipe import Recipe
from studio.finishing.steps import Steps
from studio.generation import gallery_table, painted_over, picture_files, raw_pictures
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.pixels.grid import Grid
from studio.settings import load_settings
from studio.workflows import finished_files, finishing
from studio.workflows.finishing_sources import sources

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HALVED = Steps(Recipe(hard_alpha=True), grid="set", set_grid=Grid(2, 2, 0, 0))


@pytest.fixture
def studio(tmp_path):
    engine, tracking = context.open_records(load_settings({}, home=str(tmp_path / "home")))
    yield context.Studio(load_settings({}, home=str(tmp_path / "home")), engine, None, tracking)
    engine.dispose()


def drawn(studio, count=1):
    """Pictures of the gallery, 8 x 8, with alpha."""
    rows = []
    for seed in range(count):
        made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", seed, 9, 2.5, 1.0)
        picture = Image.new("RGBA", (8, 8), (200, 10 * seed, 30, 255))
        file = picture_files.keep(studio.home / "generated" / "props", f"p{seed}", picture, made)
        rows.append(Kept(file, made, f"gem_{seed}", 2, "gems"))
    return gallery_table.record(studio.engine, studio.home, rows, by="ana", now=NOW)


def keep(studio, ids, steps=HALVED, **more):
    return finishing.keep(studio, sources(studio, ids, **more), steps, by="ana", now=NOW)


def test_a_finished_picture_is_kept_once_with_parent_steps_and_settings(studio):
    (id,) = drawn(studio)
    before = (studio.home / gallery_table.get(studio.engine, id).file).read_bytes()
    kept = keep(studio, [id])
    assert keep(studio, [id]) == kept and kept.same == kept.left == ()
    (new,) = kept.ids
    picture = gallery_table.get(studio.engine, new)
    assert (picture.width, picture.height, picture.prompt, picture.seed) == (4, 4, "a gem", 0)
    assert (picture.name, picture.variant, picture.category) == ("gem_0", 2, "gems")
    assert picture.raw == gallery_table.get(studio.engine, id).file
    assert [one.id for one in family.parents(studio.engine, new)] == [id]
    assert finishing.steps_of(records.get(studio.engine, new)) == HALVED
    assert gallery_table.count(studio.engine, Wanted(text="gem")) == 2
    with Image.open(studio.home / picture.file) as file:
        told = json.loads(file.text[finished_files.KEY])
        assert told["begun"] == id and told["steps"]["grid"] == "set"
    assert picture_files.read_made(studio.home / picture.file).prompt == "a gem"
    assert (studio.home / gallery_table.get(studio.engine, id).file).read_bytes() == before


def test_what_was_finished_begins_from_what_it_came_from_or_as_it_is(studio):
    (id,) = drawn(studio)
    (new,) = keep(studio, [id]).ids
    (source,) = sources(studio, [new])
    assert (source.begun, source.behind, source.content.width) == (id, True, 8)
    (as_is,) = sources(studio, [new], raw=False)
    assert (as_is.begun, as_is.content.width) == (new, 4)
    (further,) = keep(studio, [new], raw=False).ids
    assert [one.id for one in family.parents(studio.engine, further)] == [new]
    assert {one.id for one in family.family(studio.engine, id).after} == {new, further}


def test_a_painted_over_picture_begins_from_what_the_artist_made(studio):
    (id,) = drawn(studio)
    painted = studio.home / "paint.png"
    Image.new("RGBA", (6, 6), "blue").save(painted)
    data = painted.read_bytes()
    painted_over.paint_over(studio.engine, studio.home, id, data, by="ana", now=NOW)
    (new,) = keep(studio, [id]).ids
    picture = gallery_table.get(studio.engine, new)
    with Image.open(studio.home / picture.file) as file:
        assert file.size == (3, 3) and file.convert("RGBA").getpixel((0, 0)) == (0, 0, 255, 255)


def test_what_steps_change_nothing_of_is_not_kept_and_damaged_ones_are_told(studio):
    ids = drawn(studio, 3)
    (studio.home / gallery_table.get(studio.engine, ids[1]).file).write_bytes(b"no picture")
    kept = keep(studio, ids, Steps(Recipe(hard_alpha=True)))
    assert kept.ids == () and kept.same == (ids[0], ids[2])
    ((left, why),) = kept.left
    assert left == ids[1] and "not a picture" in why
    assert len(keep(studio, ids).ids) == 2


def test_what_was_just_kept_is_taken_back_unless_it_is_used(studio):
    ids = drawn(studio, 2)
    one, two = keep(studio, ids).ids
    board = boards.create(studio.engine, "b", by="ana", now=NOW)
    boards.put_on(studio.engine, board.id, [two], by="ana", now=NOW)
    assert finishing.take_back(studio, [one, two, ids[0]], by="ana") == [one]
    assert {a.id for a in records.of_ids(studio.engine, [*ids, one, two])} == {*ids, two}
    assert files.of(studio.engine, one) == [] and family.children(studio.engine, ids[0]) == []
    assert keep(studio, ids[:1]).ids != (one,)  # kept again, it is another


def test_a_picture_that_went_meanwhile_is_named_and_nothing_is_kept(studio):
    ids = drawn(studio, 2)
    found = sources(studio, [*ids, "gone"])
    assert [one.asset.id for one in found] == ids
    with writing(studio.engine) as connection:
        for table in ("asset_files", "verdicts", "asset_parents"):
            connection.execute(sa.text(f"DELETE FROM {table} WHERE asset = 2"))
        connection.execute(assets.delete().where(assets.c.id == ids[1]))
    with pytest.raises(StudioError, match=f"Picture {ids[1]} is not there any more"):
        finishing.keep(studio, found, HALVED, by="ana", now=NOW)
    assert gallery_table.count(studio.engine, Wanted()) == 1


def test_a_viewer_keeps_nothing_and_too_many_are_asked_for_as_a_job(studio):
    found = sources(studio, drawn(studio))
    with pytest.raises(NotAllowed, match="finish pictures"):
        finishing.keep(studio, found, HALVED, by=Actor("vi", "viewer"), now=NOW)
    with pytest.raises(NotAllowed):
        finishing.take_back(studio, [], by=Actor("vi", "viewer"))
    large = replace(found[0].content, width=2048, height=2048)
    with pytest.raises(StudioError, match="too many"):
        finishing.keep(studio, [replace(found[0], content=large)], HALVED, by="ana", now=NOW)
    huge = replace(found[0], content=replace(large, width=8192, height=8192))
    with pytest.raises(StudioError, match="8,192 x 8,192"):
        finished_files.write(studio.home, huge, HALVED)


def test_odd_pictures_are_finished_or_told_plainly(studio):
    for name, pixels in (("one", np.full((1, 1, 4), 255)), ("clear", np.zeros((8, 8, 4)))):
        made = Made("props", 1, "pocket", "", "", name, name, "", 7, 9, 2.5, 1.0)
        picture = Image.fromarray(pixels.astype(np.uint8), "RGBA")
        file = picture_files.keep(studio.home / "generated" / "props", name, picture, made)
        row = Kept(file, made)
        (id,) = gallery_table.record(studio.engine, studio.home, [row], by="ana", now=NOW)
        steps = Steps(Recipe(hard_alpha=True, colours=("#000000",)), grid="found")
        kept = keep(studio, [id], steps)
        assert kept.left == () and len(kept.ids) + len(kept.same) == 1


def test_a_recipes_picture_begins_from_its_raw_one_and_is_a_parent_too(studio):
    made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", 3, 9, 2.5, 1.0)
    folder = studio.home / "generated" / "props"
    raw_pictures.keep(folder, "p3", Image.new("RGBA", (8, 8), "red"), made)
    file = picture_files.keep(folder, "p3", Image.new("RGBA", (8, 8), "blue"), made)
    (id,) = gallery_table.record(studio.engine, studio.home, [Kept(file, made)], by="ana", now=NOW)
    (new,) = keep(studio, [id]).ids
    picture = gallery_table.get(studio.engine, new)
    with Image.open(studio.home / picture.file) as opened:
        assert opened.convert("RGBA").getpixel((0, 0)) == (255, 0, 0, 255)
    assert picture.raw == gallery_table.get(studio.engine, id).raw
    assert [one.kind for one in family.parents(studio.engine, new)] == ["raw", "picture"]
    assert raw_pictures.having(studio.engine, [id, new, "gone"]) == {id, new}
