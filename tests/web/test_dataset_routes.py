"""A dataset's pictures and versions by their addresses."""

import io
import zipfile
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio import context
from studio.datasets import exports
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT
from studio.web import dataset_routes, session


@pytest.fixture
def version(tmp_path):
    folder = CHECKOUT / "sample" / "held_out"
    now = context.now()
    return import_folder(tmp_path, "items", folder, now=now, actor="ana").version


@pytest.fixture
def browser(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(home=tmp_path))
    return TestClient(Starlette(routes=dataset_routes.ROUTES))


def test_a_picture_is_handed_out_by_its_hash(browser, version):
    picture = version.pictures[0]
    got = browser.get(f"/picture/data/{picture.hash}")
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.size == (picture.width, picture.height)
    assert "immutable" in got.headers["cache-control"]
    small = browser.get(f"/picture/data/{picture.hash}?side=16")
    assert small.headers["content-type"] == "image/webp"
    for hash in ("0" * 64, "..", "x"):
        for query in ("", "?side=16"):
            assert browser.get(f"/picture/data/{hash}{query}").status_code == 404


def test_a_version_is_downloaded_as_it_is_made(browser, version):
    answer = browser.get(f"/download/data/items/{version.version}")
    assert answer.headers["content-type"] == "application/zip"
    assert exports.file_name(version) in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = set(archive.namelist())
    assert names == {p.file_name for p in version.pictures} | {"metadata.jsonl"}
    for gone in ("items/0123456789ab", "items/..", "none/x"):
        assert browser.get(f"/download/data/{gone}").status_code == 404
