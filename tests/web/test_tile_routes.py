"""A tileset by its addresses."""

import io
import zipfile
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.database import engine as db
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.settings import usual
from studio.web import session, tile_routes
from tests.tiles.drawn import GRASS, WATER, texture


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """Before a studio with one set; its id."""
    engine = db.open_database(tmp_path)
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(engine=engine, home=tmp_path))
    sources = (Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water"))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    id = kept.make(engine, tmp_path, *sources, usual(16), by="ana", now=now)
    yield TestClient(Starlette(routes=tile_routes.ROUTES)), id
    engine.dispose()


def test_sheet_quarter_and_zip_come_by_address(browser):
    client, id = browser
    sheet = client.get(f"/picture/tileset/{id}/sheet")
    assert Image.open(io.BytesIO(sheet.content)).size == (8 * 16, 6 * 16)
    quarter = client.get(f"/picture/quarter/{id}/ne-convex-1?keep")
    assert Image.open(io.BytesIO(quarter.content)).size == (8, 8)
    assert 'filename="ne-convex-1.png"' in quarter.headers["content-disposition"]
    packed = client.get(f"/download/tileset/{id}?spacing=2&margin=1&format=godot,json")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = archive.namelist()
        sheet = Image.open(io.BytesIO(archive.read(names[0])))
    assert [name.rpartition(".")[2] for name in names] == ["png", "tres", "json"]
    assert sheet.size == (8 * 16 + 7 * 2 + 2, 6 * 16 + 5 * 2 + 2)


@pytest.mark.parametrize(
    "path",
    [
        "/picture/tileset/nobody/sheet",
        "/picture/tileset/{id}/key",
        "/picture/quarter/{id}/nw-nothing-1",
        "/picture/quarter/{id}/..%2F..%2Fstudio.db",
        "/download/tileset/{id}?format=unity",
        "/download/tileset/nobody",
    ],
)
def test_what_is_not_there_is_said(browser, path):
    client, id = browser
    answer = client.get(path.format(id=id))
    assert answer.status_code == 404 and len(answer.text) > 8
