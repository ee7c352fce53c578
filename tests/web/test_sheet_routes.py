"""Sheets by their addresses: the zip, the normal sheet, a motion before it is a sheet."""

import io
import zipfile

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio import context
from studio.settings import load_settings
from studio.sheets.formats import aseprite
from studio.web import session, sheet_routes
from studio.worker.kinds.sheet import KIND
from studio.workflows import animation_sources
from tests.prop_pictures import kept
from tests.sheets.drawn import noise, walk, walker, with_normals
from tests.worker.kinds.step_by_step import begun, ran


@pytest.fixture
def studio(tmp_path, monkeypatch):
    made = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    monkeypatch.setattr(session, "studio", lambda: made)
    yield made
    made.engine.dispose()


@pytest.fixture
def browser(studio):
    """Before a studio with one sheet; its id."""
    data = aseprite.write(with_normals(walk("hero")))
    payload, _ = animation_sources.brought(studio, data, "hero.aseprite", by="ana")
    given, ask = begun(studio, "sheet", **payload)
    id = ran(KIND, given, ask)["sheet"]
    return TestClient(Starlette(routes=sheet_routes.ROUTES)), id


def test_all_of_it_comes_as_a_zip_and_its_normal_sheet_alone(browser):
    client, id = browser
    answer = client.get(f"/download/sheet/{id}?format=sheet,texturepacker,webp")
    assert 'filename="hero.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        size = Image.open(io.BytesIO(archive.read("hero.png"))).size
    assert names == ["hero.png", "hero-normal.png", "hero-atlas.json", "hero.webp"]
    normal = client.get(f"/picture/sheet/{id}/normal")
    assert Image.open(io.BytesIO(normal.content)).size == size


def test_a_motion_is_seen_before_it_is_a_sheet(browser, studio):
    client, _ = browser
    picture = kept(studio, walker(2), "moves")
    answer = client.get(f"/picture/motion/{picture}/hover?frames=5&height=2&box=0,0,24,32&v=0a")
    moving = Image.open(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == "image/png" and moving.n_frames == 5


@pytest.mark.parametrize(
    "path",
    [
        "/download/sheet/nobody",
        "/download/sheet/{id}?format=fla",
        "/picture/sheet/nobody/normal",
        "/picture/motion/nobody/hover",
        "/picture/motion/{picture}/dance",
        "/picture/motion/{picture}/hover?height=99",
        "/picture/motion/{picture}/hover?box=0,0,99,99",
        "/picture/motion/{picture}/hover?box=0,0",
        "/picture/motion/{large}/hover",
    ],
)
def test_what_is_not_there_is_said(browser, studio, path):
    client, id = browser
    picture = kept(studio, walker(2), "still")
    large = kept(studio, noise(600, 600, 1), "large")
    answer = client.get(path.format(id=id, picture=picture, large=large))
    assert answer.status_code == 404 and len(answer.text) > 20
