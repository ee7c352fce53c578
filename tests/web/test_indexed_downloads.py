"""Pictures and palettes as files to keep: the palette's order, and every format."""

import io
import zipfile
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.database import engine as db
from studio.finishing import indexed, palette_files, palettes
from studio.finishing.colour_table import ColourTable
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.web import chosen_pictures, gallery_routes, indexed_downloads, session

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
TABLE = ColourTable(("#0000ff", "#ff0000", "#00ff00"))


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """Before a gallery with one picture, red below and clear above, and palette "Game 木"."""
    engine = db.open_database(tmp_path)
    made = Made("props", 2, "pocket", "", "", "a gem", "", "", 7, 9, 2.5, 1.0)
    picture = Image.new("RGBA", (4, 4))
    picture.paste((250, 5, 9, 255), (0, 2, 4, 4))
    file = picture_files.keep(tmp_path / "generated", "p", picture, made)
    (id,) = gallery_table.record(engine, tmp_path, [Kept(file, made)], by="ana", now=NOW)
    palettes.save(engine, "Game 木", TABLE, after=0, by="ana", now=NOW)
    studio = SimpleNamespace(home=tmp_path, engine=engine)
    monkeypatch.setattr(session, "studio", lambda: studio)
    routes = [*gallery_routes.ROUTES, *indexed_downloads.ROUTES]
    client = TestClient(Starlette(routes=routes))
    client.picture = id
    yield client
    engine.dispose()


def test_a_picture_is_taken_in_a_palettes_order(browser):
    got = browser.get(f"/download/picture/{browser.picture}?factor=2&indexed=game 木@1")
    found = indexed.read(got.content, "p")
    assert found.table == ("#000000", *TABLE.colours) and found.transparent == 0
    assert found.places.shape == (8, 8) and (found.places[4:] == 2).all()
    assert (found.places[:4] == 0).all()
    got = browser.get(f"/download/picture/{browser.picture}?indexed=Game 木&transparent=3")
    assert indexed.read(got.content, "p").table == (*TABLE.colours, "#000000")


def test_many_are_packed_in_it(browser):
    word = chosen_pictures.offer([browser.picture])
    got = browser.get(f"/download/chosen/{word}?indexed=Game 木")
    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        (name,) = packed.namelist()
        assert indexed.read(packed.read(name), name).table[1:] == TABLE.colours


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("indexed=none", "no palette 'none'"),
        ("indexed=Game 木@2", "no revision 2"),
        ("indexed=Game 木&transparent=9", "transparent is '9'"),
        ("indexed=Game 木&transparent=none", "pixels are transparent"),
    ],
)
def test_what_cant_be_had_is_told(browser, asked, says):
    got = browser.get(f"/download/picture/{browser.picture}?{asked}")
    assert got.status_code == 404 and says in got.text


@pytest.mark.parametrize("format", palette_files.FORMATS)
def test_a_palette_is_taken_in_each_format(browser, format):
    got = browser.get(f"/download/palette/{format}/Game 木@1")
    ending = palette_files.FORMATS[format][0]
    assert f'filename="game-1{ending}"' in got.headers["content-disposition"]
    assert palette_files.read(got.content, f"g{ending}").table.colours == TABLE.colours


def test_a_format_that_is_none_is_told(browser):
    got = browser.get("/download/palette/psd/Game 木")
    assert got.status_code == 404 and "'psd' is no format" in got.text
