"""An exported zip by its address, and downloads that say how their pictures came about."""

import io
import zipfile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.export import iptc
from studio.generation import painted_over
from studio.generation.lists import as_png
from studio.web import export_routes, gallery_routes, session, sheet_routes
from studio.workflows import exports
from studio.workflows.export_preparing import Wanted
from tests import export_assets
from tests.export.drawn import sprite
from tests.worker.kinds.step_by_step import NOW


@pytest.fixture
def studio(tmp_path, monkeypatch):
    studio = export_assets.opened(tmp_path)
    monkeypatch.setattr(session, "studio", lambda: studio)
    yield studio
    studio.engine.dispose()


@pytest.fixture
def browser(studio):
    modules = (export_routes, gallery_routes, sheet_routes)
    return TestClient(Starlette(routes=[one for each in modules for one in each.ROUTES]))


def test_a_zip_is_there_and_nothing_else_is(studio, browser):
    export_assets.profile(studio, folder="zip")
    id = export_assets.drawn(studio, sprite(), name="gem")
    done = exports.export(studio, Wanted((id,), "game"), by="ana", now=NOW)
    got = browser.get(f"/download/export/{done.asset}")
    assert got.status_code == 200 and "game.zip" in got.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert "gems/gem_1.png" in archive.namelist()
    for other in (id, "nobody"):
        assert browser.get(f"/download/export/{other}").status_code == 404


def test_downloads_say_how_their_pictures_came_about(studio, browser):
    id = export_assets.drawn(studio, sprite(), name="gem")
    assert iptc.read(browser.get(f"/download/picture/{id}?factor=2").content) == iptc.DRAWN
    over = as_png(sprite(8, 4))
    painted_over.paint_over(studio.engine, studio.home, id, over, by="eve", now=NOW)
    assert iptc.read(browser.get(f"/download/picture/{id}").content) == iptc.PAINTED_OVER
    assert iptc.read(browser.get(f"/download/picture/{id}?drawn").content) == iptc.DRAWN


def test_a_sheet_s_files_say_it_too(studio, browser):
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    got = browser.get(f"/download/sheet/{id}?format=sheet,aseprite,apng,webp,gif,frames")
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        said = {name: iptc.read(archive.read(name)) for name in archive.namelist()}
    assert said.pop("walk.aseprite") == ""
    assert len(said) == 6 and set(said.values()) == {iptc.DRAWN}
