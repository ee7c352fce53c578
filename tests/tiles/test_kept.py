"""Tilesets as assets: made of two pictures, the same again, and fixed as a child."""

from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from studio.assets import family, files, listing, records
from studio.assets.records import New
from studio.database import engine as db
from studio.errors import StudioError
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.layouts import block
from studio.tiles.settings import usual
from tests.tiles.drawn import GRASS, WATER, texture

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path):
    """A database and its folder, with a picture of grass in the gallery."""
    engine = db.open_database(tmp_path)
    texture(GRASS, 16, 1).save(tmp_path / "grass.png")
    file = tmp_path / "grass.png"
    new = New("picture", "grass.png", {"picture": (file, files.read(file))}, style="props")
    id = records.put(engine, [new], by="ana", now=NOW)[0]
    yield engine, tmp_path, id
    engine.dispose()


def _make(studio, **more):
    engine, home, id = studio
    inner = kept.of_asset(engine, home, id, "grass")
    outer = Source(texture(WATER, 16, 2), "water")
    settings = usual(16, inner="grass", outer="water", **more)
    return kept.make(engine, home, inner, outer, settings, by="ana", now=NOW)


def test_a_set_is_kept_with_its_parents_and_shown(studio):
    engine, home, id = studio
    made = _make(studio)
    asset = records.get(engine, made)
    assert (asset.kind, asset.style, asset.seed, asset.by) == ("tileset", "props", 0, "ana")
    assert [one.id for one in family.parents(engine, made)] == [id]
    roles = {one.role: one for one in files.of(engine, made)}
    assert set(roles) == {"picture", "sheet", "quarters", "inner", "outer"}
    assert all((home / one.path).is_file() and one.content for one in roles.values())
    (shown,) = kept.all_sets(engine)
    assert shown.id == made and shown.width == 20 * 16
    assert listing.picture_path(engine, made) == roles["picture"].path


def test_the_same_wish_is_the_same_set_and_another_seed_another(studio):
    assert _make(studio) == _make(studio)
    assert _make(studio, seed=1) != _make(studio)


def test_one_quarter_painted_over_fixes_all_its_tiles_and_no_other(studio):
    engine, home, _ = studio
    made = _make(studio, kind="blob")
    before = kept.get(engine, home, made).tileset
    red = Image.new("RGBA", (8, 8), "red")
    fixed = kept.fix(engine, home, made, {"ne-convex-1": red}, by="bo", now=NOW)
    after = kept.get(engine, home, fixed).tileset
    assert after.tiles == before.tiles
    changed = {
        tile.id
        for tile in after.tiles
        if (after.pictures[tile.id] != before.pictures[tile.id]).any()
    }
    having = {
        tile.id
        for tile in before.tiles
        if any(piece.name == "ne-convex-1" for piece in tile.pieces().values())
    }
    assert changed == having and len(having) > 1 and max(having) < block("blob")
    quarter = after.pictures[min(having)][:8, 8:]
    assert (quarter[1:-1, 1:-1, :3] == (255, 0, 0)).all()
    assert (quarter[0] == before.pictures[min(having)][0, 8:]).all()  # it still meets
    asset = records.get(engine, fixed)
    assert asset.recipe["fixed"] == ["ne-convex-1"] and asset.by == "bo"
    assert [one.id for one in family.parents(engine, fixed)] == [made]
    twice = kept.fix(engine, home, fixed, {"sw-fill-2": red}, by="bo", now=NOW)
    assert records.get(engine, twice).recipe["fixed"] == ["ne-convex-1", "sw-fill-2"]


@pytest.mark.parametrize(
    "name, picture, said",
    [
        ("ne-convex-9", Image.new("RGBA", (8, 8), "red"), "ne-convex-9"),
        ("ne-convex-1", Image.new("RGBA", (16, 16), "red"), "16 x 16"),
        ("ne-convex-1", Image.new("RGBA", (8, 8)), "transparent"),
    ],
)
def test_a_quarter_that_does_not_fit_is_named_and_nothing_changes(studio, name, picture, said):
    engine, home, _ = studio
    made = _make(studio)
    with pytest.raises(StudioError, match=said):
        kept.fix(engine, home, made, {name: picture}, by="bo", now=NOW)
    assert [one.id for one in kept.all_sets(engine)] == [made]


def test_a_terrain_with_holes_loses_nothing(studio):
    engine, home, id = studio
    hole = np.array(texture(WATER, 16, 2))
    hole[3:9, 3:9] = 0
    with pytest.raises(StudioError, match="transparent in 14 %") as refused:
        kept.make(
            engine,
            home,
            kept.of_asset(engine, home, id),
            Source(Image.fromarray(hole), "water"),
            usual(16),
            by="ana",
            now=NOW,
        )
    assert "opaque fill" in refused.value.remedy
    assert not kept.all_sets(engine) and not (home / kept.FOLDER).exists()


def test_a_picture_is_no_tileset(studio):
    engine, home, id = studio
    with pytest.raises(StudioError, match="is no tileset but a picture"):
        kept.get(engine, home, id)
