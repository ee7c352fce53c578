"""Pictures by their addresses, as the web process hands them out."""

import asyncio
import json

import pytest
from PIL import Image
from starlette.requests import Request

from studio.evaluation import contact_sheet
from studio.training import training_folders
from studio.web import asgi

RUN = "1" * 32


def _get(answer, query="", **params):
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [],
        "query_string": query.encode(),
        "path": "/",
        "path_params": params,
    }
    return asyncio.run(answer(Request(scope)))


@pytest.fixture
def drawn(studio):
    picture = Image.new("RGBA", (32, 32), (9, 8, 7, 255))
    contact_sheet.write_sheet(
        contact_sheet.folder_of(studio.home, "items", 2),
        "items",
        2,
        "c" * 12,
        [("a gem", 1)],
        [picture],
        [picture],
    )
    folder = studio.home / "runs" / "items" / RUN
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps({"run": RUN}))
    training_folders.keep_previews(folder, 20, ["a gem"], [picture])


def test_pictures_of_a_sheet_and_a_preview_are_handed_out(drawn):
    found = _get(asgi.sheet_picture, style="items", number=2, file="version-000.png")
    assert found.status_code == 200
    with Image.open(found.path) as opened:
        assert opened.getpixel((0, 0)) == (9, 8, 7, 255)
    found = _get(asgi.preview_picture, style="items", run=RUN, file="step-000020-0.png")
    assert found.status_code == 200 and found.path.name == "step-000020-0.png"
    small = _get(asgi.sheet_picture, "side=16", style="items", number=2, file="base-000.png")
    assert small.media_type == "image/webp"


@pytest.mark.parametrize("file", ["sheet.json", "../../../studio.db", "version-001.png", ""])
def test_nothing_else_of_a_sheets_folder_is(drawn, file):
    assert _get(asgi.sheet_picture, style="items", number=2, file=file).status_code == 404


@pytest.mark.parametrize("file", ["../record.json", "prompts.json", "step-000021-0.png"])
def test_nothing_else_of_a_trainings_folder_is(drawn, file):
    assert _get(asgi.preview_picture, style="items", run=RUN, file=file).status_code == 404
