"""Pictures of versions and trainings by their addresses, and nothing else of their folders."""

import io
import json
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.evaluation import contact_sheet
from studio.training import training_folders
from studio.web import session, version_routes

RUN = "1" * 32


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """Before a home with version 2 of "items", its sheet, and one training's preview."""
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(home=tmp_path))
    picture = Image.new("RGBA", (32, 32), (9, 8, 7, 255))
    contact_sheet.write_sheet(
        contact_sheet.folder_of(tmp_path, "items", 2),
        "items",
        2,
        "c" * 12,
        [("a gem", 1)],
        [picture],
        [picture],
    )
    folder = tmp_path / "runs" / "items" / RUN
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps({"run": RUN}))
    training_folders.keep_previews(folder, 20, ["a gem"], [picture])
    return TestClient(Starlette(routes=version_routes.ROUTES))


def test_pictures_of_a_sheet_and_a_preview_are_handed_out(browser):
    got = browser.get("/picture/sheet/items/2/version-000.png")
    assert got.status_code == 200 and "immutable" in got.headers["cache-control"]
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.getpixel((0, 0)) == (9, 8, 7, 255)
    got = browser.get(f"/picture/preview/items/{RUN}/step-000020-0.png")
    assert got.status_code == 200 and got.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("side", "size", "kind"),
    [("16", (16, 16), "webp"), ("2048", (32, 32), "webp")]
    + [(side, (32, 32), "png") for side in ("15", "2049", "-16", "x", "")],
)
def test_a_smaller_copy_is_a_webp_within_bounds(browser, side, size, kind):
    got = browser.get(f"/picture/sheet/items/2/base-000.png?side={side}")
    assert got.headers["content-type"] == f"image/{kind}"
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.size == size


@pytest.mark.parametrize("file", ["sheet.json", "..%2f..%2f..%2fstudio.db", "version-001.png", ""])
def test_nothing_else_of_a_sheets_folder_is(browser, file):
    assert browser.get(f"/picture/sheet/items/2/{file}").status_code == 404
    assert browser.get(f"/picture/sheet/items/2/{file}?side=16").status_code == 404


@pytest.mark.parametrize("file", ["..%2frecord.json", "prompts.json", "step-000021-0.png"])
def test_nothing_else_of_a_trainings_folder_is(browser, file):
    assert browser.get(f"/picture/preview/items/{RUN}/{file}").status_code == 404
