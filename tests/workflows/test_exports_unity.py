"""Exports for Unity: numbers and GUIDs that go on, and what a person set."""

from __future__ import annotations

import pytest

from studio.errors import StudioError
from studio.export import records as exported
from studio.export import unity
from studio.export.unity import Look
from studio.generation.lists import as_png
from tests import export_assets
from tests.export.drawn import sprite
from tests.export_assets import directions, export, there


@pytest.fixture
def studio(tmp_path):
    studio = export_assets.opened(tmp_path)
    yield studio
    studio.engine.dispose()


@pytest.fixture
def game(studio, tmp_path):
    export_assets.profile(studio)
    return tmp_path / "game"


def test_unity_s_files_keep_their_numbers_and_what_a_person_set(studio, game):
    export_assets.profile(studio, engine="unity")
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export(studio, id)
    meta = game / "heroes" / "walk.png.meta"
    mine = meta.read_text().replace("textureCompression: 0", "textureCompression: 1")
    meta.write_text(mine)
    done = export(studio, id, at=1)
    assert "heroes/walk.png.meta" in done.same and meta.read_text() == mine
    row = next(r for r in exported.of_asset(studio.engine, id) if r.role == ".png.meta")
    assert row.more["guid"] == unity.guid(id, "heroes/walk.png.meta")
    assert list(row.more["sprites"]) == ["walk_00", "walk_01"]
    assert f"internalID: {row.more['sprites']['walk_01']}" in mine
    # Borders of the slice, counted from the canvas; of the trimmed frame none.
    assert mine.count("border: {x: 2, y: 3, z: 2, w: 3}") == 1


def test_a_sheet_with_more_frames_takes_the_place_of_the_one_before(studio, game):
    export_assets.profile(studio, engine="unity")
    image = sprite(16).crop((0, 0, 12, 8))
    first = export_assets.sheet(studio, image)
    export(studio, first)
    guid = unity.guid_of((game / "heroes" / "walk.png.meta").read_bytes())
    other = sprite(16, 5).crop((0, 0, 12, 8))
    second = export_assets.sheet(studio, other, key="sheets/2", parents=(first,))
    done = export(studio, second, at=1)
    assert "heroes/walk.png" in done.written and not done.kept
    assert unity.guid_of((game / "heroes" / "walk.png.meta").read_bytes()) == guid
    stranger = export_assets.sheet(studio, other, key="sheets/3")
    with pytest.raises(StudioError, match="already"):
        export(studio, stranger, at=2)


def test_under_a_new_name_unity_s_numbers_go_on_where_the_old_files_go(studio, game):
    export_assets.profile(studio, engine="unity")
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export(studio, id)
    old = game / "heroes" / "walk.png.meta"
    own = old.read_bytes().replace(unity.guid_of(old.read_bytes()).encode(), b"ab" * 16)
    old.write_bytes(own.replace(b"textureCompression: 0", b"textureCompression: 2"))
    numbers = list(unity.numbers_of(own).values())
    export(studio, id, names={id: {"name": "run"}}, at=1)
    beside = (game / "heroes" / "run.png.meta").read_bytes()
    assert unity.guid_of(beside) != "ab" * 16  # the old file is still there
    (game / "heroes" / "run.png.meta").unlink()
    (game / "heroes" / "run.png").unlink()
    export(studio, id, names={id: {"name": "jump"}}, delete=True, at=2)
    assert there(game / "heroes") == ["jump.png", "jump.png.meta"]
    moved = (game / "heroes" / "jump.png.meta").read_bytes()
    assert unity.guid_of(moved) == "ab" * 16 and b"textureCompression: 2" in moved
    assert list(unity.numbers_of(moved).values()) == numbers
    row = next(r for r in exported.of_asset(studio.engine, id) if r.path.endswith("jump.png.meta"))
    sprites = unity.numbers_of(moved)
    assert row.more == {"guid": unity.guid_of(moved), "sprites": sprites, "limit": 2048}


def test_the_record_has_the_numbers_that_unity_s_own_file_had(studio, game):
    export_assets.profile(studio, engine="unity")
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export(studio, id)
    meta = game / "heroes" / "walk.png.meta"
    number = str(unity.numbers_of(meta.read_bytes())["walk_01"]).encode()
    meta.write_bytes(meta.read_bytes().replace(number, b"-4711"))
    export(studio, id, at=1)
    row = next(r for r in exported.of_asset(studio.engine, id) if r.role == ".png.meta")
    assert row.more["sprites"]["walk_01"] == -4711


def test_what_stands_beside_a_person_s_picture_stays_as_it_is(studio, game):
    export_assets.profile(studio, engine="unity")
    (game / "heroes").mkdir()
    picture, meta = game / "heroes" / "walk.png", game / "heroes" / "walk.png.meta"
    picture.write_bytes(as_png(sprite(8, 3)))
    own = unity.of_picture(None, "ab" * 16, (8, 8), Look(100), (4, 4))
    meta.write_bytes(own)
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    done = export(studio, id)
    assert set(done.kept) == {"heroes/walk.png", "heroes/walk.png.meta"}
    assert meta.read_bytes() == own
    row = next(r for r in exported.of_asset(studio.engine, id) if r.role == ".png.meta")
    assert (row.state, row.more) == ("kept", {})
    meta.unlink()
    assert export(studio, id, at=1).kept == ("heroes/walk.png",) and not meta.exists()
    export(studio, id, overwrite=True, at=2)
    assert len(unity.numbers_of(meta.read_bytes())) == 2


def test_where_unity_s_file_is_gone_its_numbers_come_again(studio, game):
    export_assets.profile(studio, engine="unity")
    first = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export(studio, first)
    meta = game / "heroes" / "walk.png.meta"
    before = meta.read_bytes()
    meta.unlink()
    other = sprite(16, 5).crop((0, 0, 12, 8))
    second = export_assets.sheet(studio, other, key="sheets/2", parents=(first,))
    export(studio, second, at=1)
    after = meta.read_bytes()
    assert unity.guid_of(after) == unity.guid_of(before)
    assert unity.numbers_of(after) == unity.numbers_of(before)


def test_a_sheet_of_directions_is_not_named_by_one_of_them(studio, game):
    id = directions(studio)
    export_assets.profile(studio, frames="single")
    export(studio, id)
    assert there(game / "props") == ["sign_1_east.png", "sign_1_south.png"]
    export_assets.profile(studio)
    assert "props/sign_1.png" in export(studio, id, at=1).written


def test_directions_as_files_of_their_own_have_guids_of_their_own(studio, game):
    id = directions(studio)
    export_assets.profile(studio, engine="unity")
    export(studio, id)
    export_assets.profile(studio, engine="unity", frames="single")
    export(studio, id, delete=True, at=1)
    metas = [game / "props" / f"sign_1_{name}.png.meta" for name in ("south", "east")]
    south, east = (unity.guid_of(one.read_bytes()) for one in metas)
    assert south != east
