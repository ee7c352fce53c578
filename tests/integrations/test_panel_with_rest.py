"""The panels' rules against the studio's own REST interface: only what changed is replaced."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from studio.api import rest
from studio.assets import records, verdicts
from studio.assets.verdicts import Judgement
from studio.context import Studio
from studio.generation import gallery_table, painted_over, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.settings import usual
from tests.integrations.panel import API, Project, approved, bring, look, update
from tests.tiles.drawn import GRASS, WATER, texture
from tests.web.guarded import studio_in

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIRST, SECOND = "art/gem.png", "art/coin.png"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = studio_in(tmp_path / "studio")
    yield made
    made.engine.dispose()


@pytest.fixture
def project(studio: Studio, tmp_path: Path) -> Project:
    app = Starlette(routes=[Mount(rest.AT, rest.app(lambda: studio))])
    (tmp_path / "game").mkdir()
    return Project(tmp_path / "game", TestClient(app))


def drawn(studio: Studio, name: str, seed: int, colour: str, at: datetime = NOW) -> str:
    made = Made("props", 3, "pocket", "r", "d", f"a {name}", name, "", seed, 20, 4.0, 1.0)
    folder = studio.home / "generated" / "props"
    file = picture_files.keep(folder, name, Image.new("RGBA", (16, 16), colour), made)
    return gallery_table.record(studio.engine, studio.home, [Kept(file, made)], by="a", now=at)[0]


def say(studio: Studio, id: str, said: verdicts.Verdict | None) -> None:
    with studio.engine.connect() as connection:
        turn = verdicts.standing(connection, id).turn
    verdicts.judge(studio.engine, id, Judgement(said), by="lead", now=NOW, turn=turn)


def paint(studio: Studio, id: str, colour: str) -> None:
    data = io.BytesIO()
    Image.new("RGBA", (16, 16), colour).save(data, format="PNG")
    how = {"by": "cy", "now": NOW}
    painted_over.paint_over(studio.engine, studio.home, id, data.getvalue(), **how)


@pytest.fixture
def ids(studio: Studio, project: Project) -> tuple[str, str]:
    """A gem and a coin, approved and imported; a third picture that nobody approved."""
    gem = drawn(studio, "gem", 7, "red")
    coin = drawn(studio, "coin", 8, "gold", NOW + timedelta(seconds=1))
    drawn(studio, "rock", 9, "grey", NOW + timedelta(seconds=2))
    for id in (gem, coin):
        say(studio, id, "approved")
    paths = {gem: FIRST, coin: SECOND}
    found = approved(project, kind="picture", style="props")
    assert {picture["id"] for picture in found} == {gem, coin}
    for picture in found:
        bring(project, picture, paths[picture["id"]])
    return gem, coin


def test_the_manifest_says_which_version_and_seed_made_a_file(ids, project: Project) -> None:
    entry = project.entries()[FIRST]
    assert (entry["picture"], entry["style"]) == (ids[0], "props")
    assert (entry["version"], entry["seed"]) == (3, 7)
    assert entry["hash"] == project.hash_of(FIRST)
    assert not look(project) and not update(project)


def test_only_what_changed_is_replaced(ids, studio: Studio, project: Project) -> None:
    coin, before = project.hash_of(SECOND), project.hash_of(FIRST)
    paint(studio, ids[0], "blue")
    assert look(project) == {FIRST: "replace"}
    assert update(project) == [FIRST]
    with Image.open(project.folder / FIRST) as picture:
        assert picture.convert("RGBA").getpixel((0, 0)) == (0, 0, 255, 255)
    assert project.entries()[FIRST]["hash"] == project.hash_of(FIRST) != before
    assert project.hash_of(SECOND) == coin
    assert not look(project)


def test_an_edit_by_hand_is_warned_of_and_kept(ids, studio: Studio, project: Project) -> None:
    edited = b"somebody's own"
    (project.folder / FIRST).write_bytes(edited)
    assert look(project) == {FIRST: "edited"}
    paint(studio, ids[0], "blue")
    assert look(project) == {FIRST: "conflict"}
    assert not update(project)
    assert (project.folder / FIRST).read_bytes() == edited
    assert update(project, [FIRST]) == [FIRST]
    assert (project.folder / FIRST).read_bytes() != edited and not look(project)


def test_what_nobody_approves_any_more_or_is_gone_is_told_and_left(
    ids, studio: Studio, project: Project
) -> None:
    held = project.hash_of(FIRST), project.hash_of(SECOND)
    say(studio, ids[0], "rejected")
    paint(studio, ids[0], "blue")
    rock = next(
        one for one in project.studio.get(f"{API}/assets").json()["items"] if one["seed"] == 9
    )
    bring(project, rock, "art/rock.png")
    assert records.take_back(studio.engine, [rock["id"]]) == [rock["id"]]
    assert look(project) == {FIRST: "unapproved", "art/rock.png": "gone"}
    assert not update(project)
    assert (project.hash_of(FIRST), project.hash_of(SECOND)) == held


def test_a_file_that_came_before_a_crash_is_written_down(
    ids, studio: Studio, project: Project
) -> None:
    old = (project.folder / "housestyle.json").read_bytes()
    paint(studio, ids[0], "blue")
    update(project)
    (project.folder / "housestyle.json").write_bytes(old)
    assert look(project) == {FIRST: "record"}
    assert update(project) == [FIRST] and not look(project)


def test_what_is_missing_does_not_come_back_by_itself(ids, project: Project) -> None:
    (project.folder / SECOND).unlink()
    assert look(project) == {SECOND: "missing"}
    assert not update(project) and not (project.folder / SECOND).exists()


def test_new_since_the_last_import(ids, studio: Studio, project: Project) -> None:
    last = max(picture["changed_at"] for picture in approved(project))
    new = drawn(studio, "key", 10, "green", NOW + timedelta(hours=1))
    assert new not in {one["id"] for one in approved(project, since=last)}
    with studio.engine.connect() as connection:
        turn = verdicts.standing(connection, new).turn
    later = NOW + timedelta(hours=2)
    said = Judgement("approved")
    verdicts.judge(studio.engine, new, said, by="lead", now=later, turn=turn)
    found = {one["id"] for one in approved(project, since=last)}
    assert new in found
    assert {one["id"] for one in approved(project, since=later.isoformat())} == {new}


def test_a_tileset_comes_as_its_sheet_and_its_tile_set(studio: Studio, project: Project) -> None:
    inner, outer = Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water")
    settings = usual(16, inner="grass", outer="water")
    where = studio.engine, studio.home
    id = kept.make(*where, inner, outer, settings, by="a", now=NOW)
    say(studio, id, "approved")
    (found,) = approved(project, kind="tileset")
    bring(project, found, "art/ground.png", "sheet")
    assert not look(project)
    told = project.studio.get(f"{API}/tilesets/{id}").json()
    with Image.open(project.folder / "art/ground.png") as sheet:
        assert sheet.width == 8 * told["settings"]["size"]
        assert told["tiles"] <= 8 * sheet.height // told["settings"]["size"]
    packed = project.studio.get(f"{API}/tilesets/{id}/file", params={"format": "godot"}).content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".tres")]
        text = archive.read(name).decode()
    # What the addon writes anew: the one line that names the sheet.
    assert text.count(f'"res://{name.removesuffix(".tres")}.png"') == 1


def test_the_manifest_is_as_the_panels_write_it(ids, project: Project) -> None:
    said = json.loads((project.folder / "housestyle.json").read_text())
    assert said["schema"] == 1 and list(said) == sorted(said)
    assert [entry["path"] for entry in said["files"]] == [SECOND, FIRST]
    assert all(list(entry) == sorted(entry) for entry in said["files"])
