"""What the game took, looked for in its own folder."""

import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.assets import uses as records
from studio.errors import StudioError
from studio.generation import painted_over
from studio.generation.lists import as_png
from studio.settings import load_settings
from studio.workflows import exported, uses
from tests.exported_pictures import draw, export, sprite

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def game(tmp_path):
    folder = tmp_path / "game"
    (folder / "art").mkdir(parents=True)
    return folder


@pytest.fixture
def studio(tmp_path, game):
    settings = load_settings({}, home=str(tmp_path / "home"))
    settings = dataclasses.replace(settings, export_folders=(("game", game),))
    engine, tracking = context.open_records(settings)
    yield context.Studio(settings, engine, None, tracking)
    engine.dispose()


def exported_to_game(studio, game, count, start=0):
    """So many pictures in the game's folder, as they were drawn; their ids."""
    ids, files = [], []
    for seed in range(start, start + count):
        id = draw(studio.engine, studio.home, seed, NOW)
        data = as_png(sprite(seed))
        (game / "art" / f"{seed}.png").write_bytes(data)
        ids.append(id)
        files.append((id, f"art/{seed}.png", data))
    export(studio.engine, files, NOW + HOUR, "game")
    return ids


def used(studio, ids):
    found = records.of(studio.engine, ids)
    return [found[id].use if id in found else None for id in ids]


def repainted(file, change):
    pixels = np.array(Image.open(file).convert("RGBA"))
    change(pixels)
    Image.fromarray(pixels, "RGBA").save(file)


def test_each_way_of_using_is_told(studio, game):
    ids = exported_to_game(studio, game, 5)

    def blue(pixels):
        pixels[(pixels[..., :3] == (200, 40, 50)).all(-1)] = (50, 90, 200, 255)

    def eye(pixels):
        pixels[5, 5] = (60, 160, 70, 255)

    def other(pixels):
        pixels[2:14, 3:13] = np.array(sprite(99))[2:14, 3:13]

    for number, change in ((1, blue), (2, eye), (3, other)):
        repainted(game / "art" / f"{number}.png", change)
    (game / "art" / "4.png").unlink()
    done = uses.look(studio, by="ana", now=NOW + 2 * HOUR)
    assert (done.looked, done.changed, done.unread) == (5, 5, ())
    assert used(studio, ids) == ["as is", "recoloured", "touched up", "redrawn", "dropped"]
    found = records.of(studio.engine, ids)
    assert found[ids[2]].redone == pytest.approx(1 / 120)
    assert found[ids[1]].path == "game/art/1.png"
    assert uses.look(studio, by="ana", now=NOW + 3 * HOUR).changed == 0


def test_a_click_corrects_it_until_the_file_is_another(studio, game):
    (id,) = exported_to_game(studio, game, 1)
    uses.look(studio, by="ana", now=NOW)
    records.correct(studio.engine, id, "dropped", by="lea", now=NOW)
    assert uses.look(studio, by="ana", now=NOW).changed == 0
    assert used(studio, [id]) == ["dropped"]
    repainted(game / "art" / "0.png", lambda pixels: pixels.__setitem__((5, 5), (9, 9, 9, 255)))
    assert uses.look(studio, by="ana", now=NOW).changed == 1
    assert used(studio, [id]) == ["touched up"]


def test_what_was_painted_over_before_it_went_out_is_no_longer_as_it_was_drawn(studio, game):
    id = draw(studio.engine, studio.home, 0, NOW)
    painted = sprite(0)
    painted.putpixel((5, 5), (60, 160, 70, 255))
    painted_over.paint_over(
        studio.engine, studio.home, id, as_png(painted), by="ana", now=NOW + HOUR
    )
    export(studio.engine, [(id, "a.png", b"zipped")], NOW + 2 * HOUR)
    uses.look(studio, by="ana", now=NOW)
    assert used(studio, [id]) == ["touched up"]
    late = draw(studio.engine, studio.home, 1, NOW)
    export(studio.engine, [(late, "b.png", b"zipped")], NOW + HOUR)
    painted_over.paint_over(
        studio.engine, studio.home, late, as_png(painted), by="ana", now=NOW + 2 * HOUR
    )
    uses.look(studio, by="ana", now=NOW)
    assert used(studio, [late]) == ["as is"]  # it went out before


def test_what_can_not_be_read_is_named_and_the_rest_is_looked_for(studio, game):
    ids = exported_to_game(studio, game, 2)
    (game / "art" / "0.png").write_bytes(b"no picture")
    done = uses.look(studio, by="ana", now=NOW)
    (said,) = done.unread
    assert said.startswith("art/0.png: ") and used(studio, ids) == [None, "as is"]


def test_a_path_that_leads_out_of_the_games_folder_is_not_read(studio, game, tmp_path):
    (tmp_path / "secret.png").write_bytes(as_png(sprite(7)))
    (game / "art" / "link.png").symlink_to(tmp_path / "secret.png")
    id = draw(studio.engine, studio.home, 0, NOW)
    export(studio.engine, [(id, "art/link.png", b"x")], NOW, "game")
    one = exported.of(studio.engine, [id])[id]
    assert exported.file_of(studio, one) is None


def test_so_many_at_once_and_the_rest_later(studio, game):
    ids = exported_to_game(studio, game, 3)
    first = uses.look(studio, by="ana", now=NOW, most=2)
    assert (first.changed, first.left) == (2, 1)
    second = uses.look(studio, by="ana", now=NOW, most=2)
    assert (second.changed, second.left) == (1, 0) and None not in used(studio, ids)


def test_the_first_export_and_the_newest_file_are_known(studio, game):
    (id,) = exported_to_game(studio, game, 1)
    export(studio.engine, [(id, "sheet.json", b"{}")], NOW + 5 * HOUR)
    export(studio.engine, [(id, "b.png", b"later")], NOW + 9 * HOUR)
    one = exported.of(studio.engine)[id]
    assert one.first_at.startswith("2026-08-03T10") and one.at.startswith("2026-08-03T18")
    assert (one.destination, one.path) == ("zip", "b.png")
    assert [each.picture.id for each in uses.listing(studio.engine, "gems", "2026-08")] == [id]
    assert uses.listing(studio.engine, "gems", "2026-09") == []


def test_what_is_no_month_is_named(studio):
    with pytest.raises(StudioError, match="'november' is no month"):
        uses.listing(studio.engine, "gems", "november")


def sheet_of(studio, ids, name="walk") -> tuple[str, bytes]:
    """A sheet asset that has these pictures side by side; its id and its file's bytes."""
    from studio.assets import files
    from studio.assets.records import New, put

    wide = Image.new("RGBA", (16 * len(ids), 16))
    for number in range(len(ids)):
        wide.paste(sprite(number), (16 * number, 0))
    file = studio.home / "animations" / name / "walk.png"
    file.parent.mkdir(parents=True)
    file.write_bytes(as_png(wide))
    new = New("sheet", f"animations/{name}", {"picture": (file, files.read(file))}, tuple(ids))
    return put(studio.engine, [new], by="ana", now=NOW)[0], file.read_bytes()


def test_frames_of_an_exported_sheet_are_used_as_the_sheet_is(studio, game):
    ids = [draw(studio.engine, studio.home, seed, NOW) for seed in range(2)]
    other = draw(studio.engine, studio.home, 7, NOW)
    sheet, data = sheet_of(studio, ids)
    assert exported.of(studio.engine) == {}
    (game / "art" / "walk.png").write_bytes(data)
    export(studio.engine, [(sheet, "art/walk.png", data)], NOW + HOUR, "game")
    found = exported.of(studio.engine, [*ids, other])
    assert set(found) == set(ids)
    assert {(one.by, one.path, one.first_at[:13]) for one in found.values()} == {
        (sheet, "art/walk.png", "2026-08-03T10")
    }
    assert uses.look(studio, by="ana", now=NOW).looked == 2
    assert used(studio, ids) == ["as is", "as is"]
    repainted(game / "art" / "walk.png", lambda pixels: pixels.__setitem__((5, 5), (9, 9, 9, 255)))
    uses.look(studio, by="ana", now=NOW)
    assert used(studio, ids)[0] in ("recoloured", "touched up")
    (game / "art" / "walk.png").unlink()
    uses.look(studio, by="ana", now=NOW)
    assert used(studio, ids) == ["dropped", "dropped"]
    # What went out by itself counts as that, from the first time on.
    export(studio.engine, [(ids[0], "b.png", b"zipped")], NOW + 2 * HOUR)
    own = exported.of(studio.engine, ids)[ids[0]]
    assert (own.by, own.path, own.first_at[:13]) == ("", "b.png", "2026-08-03T10")


def test_a_prop_carries_its_picture_and_a_sheet_before_carries_none(studio):
    from studio.assets.records import New, put

    ids = [draw(studio.engine, studio.home, seed, NOW) for seed in range(3)]
    before, _ = sheet_of(studio, ids[:1], "before")
    told = {"by": "ana", "now": NOW}
    (after,) = put(studio.engine, [New("sheet", "s", parents=(ids[1], before))], **told)
    (prop,) = put(studio.engine, [New("prop", "p", parents=(ids[2],))], **told)
    (edited,) = put(studio.engine, [New("prop", "q", parents=(prop,))], **told)
    export(studio.engine, [(after, "walk.png", b"a"), (edited, "lamp.glb", b"b")], NOW)
    found = exported.of(studio.engine, ids)
    assert {id: one.by for id, one in found.items()} == {ids[1]: after, ids[2]: edited}
    assert found[ids[2]].path == "lamp.glb"
    assert exported.of(studio.engine, [edited]) == {}  # no picture of its own


def test_where_the_games_folder_is_gone_nothing_was_dropped(studio, game, tmp_path):
    ids = exported_to_game(studio, game, 2)
    uses.look(studio, by="ana", now=NOW)
    records.correct(studio.engine, ids[0], "redrawn", by="lea", now=NOW)
    game.rename(tmp_path / "unmounted")
    done = uses.look(studio, by="ana", now=NOW + HOUR)
    assert done.changed == 0 and len(done.unread) == 2
    assert "The folder game is not there" in done.unread[0]
    assert used(studio, ids) == ["redrawn", "as is"]  # the person's word stands


def test_what_is_painted_over_again_after_it_went_out_stays_as_it_went_out(studio):
    id = draw(studio.engine, studio.home, 0, NOW)
    painted = sprite(0)
    painted.putpixel((5, 5), (60, 160, 70, 255))
    told = {"by": "ana", "now": NOW + HOUR}
    painted_over.paint_over(studio.engine, studio.home, id, as_png(painted), **told)
    uses.look(studio, by="ana", now=NOW + HOUR, only=[id])
    export(studio.engine, [(id, "a.png", b"zipped")], NOW + 2 * HOUR)
    again = {"by": "ana", "now": NOW + 3 * HOUR}
    painted_over.paint_over(studio.engine, studio.home, id, as_png(sprite(9)), **again)
    for _ in range(2):
        uses.look(studio, by="ana", now=NOW + 4 * HOUR)
        found = records.of(studio.engine, [id])[id]
        assert (found.use, found.redone) == ("touched up", pytest.approx(1 / 120))


def test_a_model_that_is_another_in_the_game_is_redrawn_until_a_person_says_else(studio, game):
    from studio.assets.records import New, put

    id = draw(studio.engine, studio.home, 0, NOW)
    (prop,) = put(studio.engine, [New("prop", "p", parents=(id,))], by="ana", now=NOW)
    export(studio.engine, [(prop, "lamp.glb", b"glTF")], NOW + HOUR, "game")
    (game / "lamp.glb").write_bytes(b"glTF of the game's artist")
    done = uses.look(studio, by="ana", now=NOW + 2 * HOUR)
    assert (done.changed, done.unread) == (1, ())
    assert used(studio, [id]) == ["redrawn"]
    records.correct(studio.engine, id, "touched up", by="lea", now=NOW)
    assert uses.look(studio, by="ana", now=NOW + 3 * HOUR).changed == 0
    assert used(studio, [id]) == ["touched up"]
