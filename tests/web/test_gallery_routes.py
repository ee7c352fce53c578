"""Drawn pictures by their addresses, and as files to keep."""

import io
import zipfile
from dataclasses import fields
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.assets import boards, listing, thumbnails
from studio.export import iptc
from studio.generation import gallery_table, lists
from studio.generation.gallery_table import Picture
from studio.web import chosen_pictures, gallery_routes, session


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """Before a gallery with one picture, "p1", of job 3."""
    Image.new("RGBA", (32, 32), (9, 8, 7, 255)).save(tmp_path / "drawn.png")
    Image.new("RGBA", (32, 32), (9, 8, 7, 90)).save(tmp_path / "raw.png")
    told = dict.fromkeys(field.name for field in fields(Picture))
    told |= {"width": 32, "height": 32, "file": "drawn.png", "version": 3}
    record = Picture(**{**told, "id": "p1", "raw": "raw.png"})
    plain = Picture(**{**told, "id": "p0"})

    def get(engine, id):
        if id not in (record.id, plain.id):
            raise gallery_table.StudioError("There is no such picture.")
        return record if id == record.id else plain

    def pack(home, records, factor, file, encoded, labelled):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(f"{len(records)}x{factor}", b"")

    studio = SimpleNamespace(home=tmp_path, engine=None)
    monkeypatch.setattr(session, "studio", lambda: studio)
    monkeypatch.setattr(gallery_table, "get", get)
    board = SimpleNamespace(id="b1", name="Forest: level 3")
    monkeypatch.setattr(
        gallery_table,
        "all_of",
        lambda _, asked: [record] * (asked.job == 3 or asked.board == "b1"),
    )
    monkeypatch.setattr(gallery_table, "of_ids", lambda _, ids: [record] * ids.count("p1"))
    monkeypatch.setattr(boards, "get", lambda _, id: board)
    monkeypatch.setattr(listing, "picture_path", lambda _, id: "drawn.png")
    monkeypatch.setattr(lists, "file_name", lambda record: "gem")
    monkeypatch.setattr(lists, "pack", pack)
    return TestClient(Starlette(routes=gallery_routes.ROUTES))


def test_a_picture_is_shown_whole_or_smaller(browser):
    got = browser.get("/picture/made/p1")
    assert (
        got.headers["content-type"] == "image/png" and "immutable" in got.headers["cache-control"]
    )
    small = browser.get("/picture/made/p1?side=16")
    with Image.open(io.BytesIO(small.content)) as opened:
        assert opened.size == (16, 16) and opened.format == "WEBP"
    for path in ("/picture/made/p2", "/picture/painted/p1/x", "/picture/start/..%2fx"):
        assert browser.get(path).status_code == 404


def test_the_raw_picture_has_an_address_beside_the_finished_ones(browser):
    got = browser.get("/picture/made/p1/raw")
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.getpixel((0, 0)) == (9, 8, 7, 90)
    assert "immutable" in got.headers["cache-control"]
    assert "There is no raw picture" in browser.get("/picture/made/p0/raw").text
    assert browser.get("/picture/made/p0/raw").status_code == 404


def test_a_picture_is_kept_at_game_size_under_its_name(browser):
    got = browser.get("/download/picture/p1?drawn&factor=1/4")
    assert got.headers["content-disposition"] == 'attachment; filename="gem_x1-4.png"'
    assert got.headers["cache-control"] == "no-store"
    assert iptc.DRAWN.encode() in got.content
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.size == (8, 8)


def test_a_large_picture_is_handed_on_as_it_lies_and_never_decoded(browser, tmp_path, monkeypatch):
    monkeypatch.setattr(thumbnails, "LARGE", 1_000)
    monkeypatch.setattr(lists, "MOST_PIXELS", 40_000)
    data = (tmp_path / "drawn.png").read_bytes()
    assert browser.get("/download/picture/p1?factor=1").content == data
    got = browser.get("/download/picture/p1?factor=4")
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.size == (128, 128)
    refused = browser.get("/download/picture/p1?factor=8")
    assert refused.status_code == 404 and "256 x 256 pixels" in refused.text
    monkeypatch.setattr(lists, "MOST_PIXELS", 1_000)
    monkeypatch.setattr(lists, "open_picture", None)
    assert "without a factor" in browser.get("/download/picture/p1?factor=1/2").text
    assert browser.get("/download/picture/p1").content == data


def test_a_jobs_pictures_come_as_a_zip(browser):
    got = browser.get("/download/assets/3?factor=2")
    assert 'filename="assets-3.zip"' in got.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.namelist() == ["1x2"]
    nothing = browser.get("/download/assets/4")
    assert nothing.status_code == 404 and "Approve some first" in nothing.text


def test_what_was_chosen_and_what_is_on_a_board_comes_as_a_zip(browser):
    word = chosen_pictures.offer(["p1", "gone"])
    for path, name in ((f"/download/chosen/{word}", "pictures"), ("/download/board/b1", "board-f")):
        got = browser.get(f"{path}?factor=4")
        assert f'filename="{name}' in got.headers["content-disposition"]
        with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
            assert archive.namelist() == ["1x4"]
    assert 'filename="board-forest-level-3.zip"' in got.headers["content-disposition"]
    assert browser.get("/download/chosen/unknown").status_code == 404
    assert browser.get("/picture/asset/p1").headers["content-type"] == "image/png"
