"""The raw picture of a drawn one: kept beside it, its parent among the assets, on no wall."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from studio.assets import contents, family, files, listing, search
from studio.assets.search import Wanted
from studio.database import engine as db
from studio.diffusion.sampling import Draw
from studio.generation import gallery_table, picture_files, raw_pictures, style_drawing
from studio.generation.delivery import Finishing
from studio.generation.gallery_table import Kept
from studio.generation.style_drawing import Loaded, Wish

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOFT, HARD = (200, 30, 30, 90), (0, 0, 0, 0)


def _clear(picture: Image.Image) -> Image.Image:
    return Image.new("RGBA", picture.size, HARD)


def _loaded(pixel: tuple[int, int, int, int], finishing: Finishing | None = None) -> Loaded:
    def draws(texts, seeds, draw, step):
        return [Image.new("RGBA", (8, 8), pixel) for _ in seeds]

    about = {
        "style": "props",
        "version": 1,
        "base": "",
        "run": "",
        "dataset": "",
        "matte": "#808080",
    }
    return Loaded(
        pipeline=None,
        **about,
        trigger_word="",
        strength=1.0,
        crisp=False,
        draws=draws,
        finishing=finishing,
    )


def _drawn(loaded: Loaded, out: Path, seeds: tuple[int, ...] = (3,)) -> list[Path]:
    return style_drawing.draw(loaded, [Wish("a gem", seed) for seed in seeds], Draw(), 1.0, out)


RECIPE = Finishing("0123456789ab", '{"schema":1}', "recipe 0123456789ab", *[_clear] * 4)


def test_the_raw_picture_lies_beside_the_finished_one_which_names_its_recipe(tmp_path: Path):
    (file,) = _drawn(_loaded(SOFT, RECIPE), tmp_path)
    raw = raw_pictures.beside(file)
    assert Image.open(file).getpixel((0, 0)) == HARD and Image.open(raw).getpixel((0, 0)) == SOFT
    finished, plain = picture_files.read_made(file), picture_files.read_made(raw)
    assert finished and plain and (finished.finish, plain.finish) == ("0123456789ab", "")
    told = Image.open(file)
    told.load()
    assert told.text[picture_files.FINISH] == '{"schema":1}'


def test_where_finishing_changes_nothing_there_is_none_and_the_name_is_that_of_before(tmp_path):
    (file,) = _drawn(_loaded(SOFT), tmp_path / "plain")
    assert not raw_pictures.beside(file).exists()
    (cleared,) = _drawn(_loaded(HARD, RECIPE), tmp_path / "cleared")
    assert not raw_pictures.beside(cleared).exists()
    # The mark of a picture without a recipe is the one that it had before there were any.
    assert "finish" not in picture_files.recipe_of(picture_files.read_made(file))
    assert file.name != cleared.name


def test_what_was_finished_otherwise_is_drawn_again_and_the_same_is_not(tmp_path: Path):
    (first,) = _drawn(_loaded(SOFT, RECIPE), tmp_path)
    at = first.stat().st_mtime_ns
    assert _drawn(_loaded(SOFT, RECIPE), tmp_path) == [first] and first.stat().st_mtime_ns == at
    assert _drawn(_loaded(SOFT), tmp_path) != [first]


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def test_it_is_the_finished_ones_parent_and_no_wall_shows_it(engine, tmp_path: Path):
    out = tmp_path / "generated" / "props" / "v1"
    drawn = _drawn(_loaded(SOFT, RECIPE), out, (3, 4))
    kept = [Kept(file, picture_files.read_made(file)) for file in drawn]
    ids = gallery_table.record(engine, tmp_path, kept, by="ana", now=NOW, job=7)
    assert gallery_table.record(engine, tmp_path, kept, by="ana", now=NOW, job=7) == ids
    picture = gallery_table.get(engine, ids[1])
    assert picture.raw == raw_pictures.beside(drawn[1]).relative_to(tmp_path).as_posix()
    assert picture.finish == RECIPE.mark
    (parent,) = family.parents(engine, ids[1])
    assert parent.kind == raw_pictures.KIND and family.children(engine, parent.id)[0].id == ids[1]
    (held,) = files.of(engine, parent.id)
    assert (tmp_path / held.path).is_file() and held.content
    # Its room counts, and doctor looks for it.
    mine = [file.content.bytes for id in ids for file in files.of(engine, id)]
    assert contents.held_by(engine, "ana") > sum(mine)
    assert search.kinds(engine) == [gallery_table.KIND]
    assert {one.id for one in listing.page(engine, Wanted(), 1, 9)} == set(ids)
    assert gallery_table.count(engine, Wanted(job=7)) == 2
    (tmp_path / held.path).unlink()
    assert [held.path in flaw for flaw in contents.flaws(engine, tmp_path)] == [True]


def test_pictures_of_before_have_none(engine, tmp_path: Path):
    (file,) = _drawn(_loaded(SOFT), tmp_path / "generated" / "props" / "v1")
    one = Kept(file, picture_files.read_made(file))
    (id,) = gallery_table.record(engine, tmp_path, [one], by="ana", now=NOW)
    picture = gallery_table.get(engine, id)
    assert (picture.raw, picture.finish) == (None, "") and not family.parents(engine, id)


def test_what_is_taken_up_from_the_disk_has_its_raw_picture(engine, tmp_path: Path):
    _drawn(_loaded(SOFT, RECIPE), tmp_path / "generated" / "props" / "v1")
    assert gallery_table.take_up(engine, tmp_path, by="bo") == 1
    (picture,) = gallery_table.search(engine, Wanted()).found
    assert picture.raw and (tmp_path / picture.raw).is_file()
