"""Pictures by address: what a browser can't show is sent otherwise, each copy is made once."""

from __future__ import annotations

import asyncio
import io
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.testclient import TestClient

from studio.assets import thumbnails
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.web import picture_answers, session

ELSEWHERE = CHECKOUT / "tests" / "images" / "elsewhere"


@pytest.fixture
def browser(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(home=tmp_path))

    def find(request):
        if request.path_params["name"] == "refused":
            raise StudioError("There is no such picture.")
        return ELSEWHERE / request.path_params["name"]

    return TestClient(Starlette(routes=[picture_answers.picture_route("/p/{name}", find)]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tga16_topleft.tga", "image/webp"),
        ("cmyk.tif", "image/webp"),
        ("exif_5.webp", "image/webp"),
        ("icc_P3.png", "image/webp"),
        ("anim.gif", "image/webp"),
        ("gray2_trns.png", "image/png"),
        ("without_suffix", "image/png"),
        ("saved_by_edge.jfif", "image/jpeg"),
    ],
)
@pytest.mark.parametrize("query", ["", "?side=640", "?side=16"])
def test_what_is_sent_is_what_a_viewer_shows(browser, name, kind, query):
    got = browser.get(f"/p/{name}{query}")
    assert got.status_code == 200
    assert got.headers["content-type"] == ("image/webp" if query else kind)
    assert "immutable" in got.headers["cache-control"]
    with Image.open(ELSEWHERE / "expected" / f"{name}.png") as wanted:
        expected = wanted.convert("RGBA")
    if query == "?side=16":
        expected.thumbnail((16, 16))
    with Image.open(io.BytesIO(got.content)) as sent:
        assert sent.size == expected.size
        if query != "?side=16" and not name.endswith(".jfif"):
            away = np.abs(np.asarray(sent.convert("RGBA")).astype(int) - np.asarray(expected))
            assert away[np.asarray(expected)[..., 3] > 0].max() <= 1


def test_an_ordinary_file_goes_as_it_is(browser):
    got = browser.get("/p/without_suffix")
    assert got.content == (ELSEWHERE / "without_suffix").read_bytes()


@pytest.mark.parametrize(
    "side", ["15", "2049", "x", "٣٢", "²²", "9" * 25, "-32", "", "16.0", "nan"]
)
def test_an_odd_side_is_none(browser, side):
    got = browser.get("/p/without_suffix", params={"side": side})
    assert got.status_code == 200 and got.headers["content-type"] == "image/png"


def test_what_is_not_there_is_told(browser):
    assert browser.get("/p/refused").status_code == 404
    assert browser.get("/p/gone").status_code == 404
    assert "gone" in browser.get("/p/gone?side=32").text
    for name, says in (("refused", "There is no such picture."), ("gone", "The file is gone.")):
        card = browser.get(f"/p/{name}", headers={"accept": "text/html"})
        assert card.status_code == 404 and "<h1>Housestyle" in card.text and says in card.text


def test_a_browser_that_has_it_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(home=tmp_path))
    kept = {"Cache-Control": "private, no-cache", "ETag": '"abc"'}
    route = picture_answers.picture_route("/p", lambda _: ELSEWHERE / "anim.gif", lambda _: kept)
    browser = TestClient(Starlette(routes=[route]))
    for query in ("", "?side=16"):
        got = browser.get(f"/p{query}")
        assert got.status_code == 200 and got.headers["etag"] == '"abc"'
        assert got.headers["cache-control"] == "private, no-cache"
        again = browser.get(f"/p{query}", headers={"If-None-Match": 'W/"abc"'})
        assert again.status_code == 304 and again.content == b""


def test_two_at_once_make_one(tmp_path, monkeypatch):
    made, go = [], threading.Event()
    make = thumbnails.make

    def slowly(home: Path, file: Path, side: int | None) -> tuple[bytes, str]:
        made.append(side)
        go.wait(10)
        return make(home, file, side)

    monkeypatch.setattr(thumbnails, "make", slowly)
    file = ELSEWHERE / "icc_P3.png"

    async def ask() -> list[Response]:
        asked = [
            asyncio.create_task(picture_answers.answer(tmp_path, file, side))
            for side in (32, 32, 32, 64, 32)
        ]
        while len(made) < 2:
            await asyncio.sleep(0.01)
        asked[0].cancel()  # whoever goes away takes the copy from nobody
        go.set()
        return await asyncio.gather(*asked[1:])

    answers = asyncio.run(ask())
    assert sorted(made) == [32, 64] and len(answers) == 4
    assert len(list((tmp_path / "cache" / "thumbnails").rglob("*.webp"))) == 2
    assert not picture_answers._under_way
    asyncio.run(picture_answers.answer(tmp_path, file, 32))  # kept
    assert len(made) == 2


def test_pictures_never_take_the_threads_of_others(tmp_path, monkeypatch):
    names = []
    make = thumbnails.make

    def noted(home: Path, file: Path, side: int | None) -> tuple[bytes, str]:
        names.append(threading.current_thread().name)
        return make(home, file, side)

    monkeypatch.setattr(thumbnails, "make", noted)
    monkeypatch.setattr(picture_answers, "LARGE", 1_000)
    asyncio.run(picture_answers.answer(tmp_path, ELSEWHERE / "anim.gif", 32))
    asyncio.run(picture_answers.answer(tmp_path, ELSEWHERE / "icc_P3.png", 32))
    assert names[0].startswith("pictures") and names[1].startswith("large pictures")


def test_too_many_at_once_are_told_to_come_again(browser, monkeypatch):
    monkeypatch.setattr(picture_answers, "MOST_WAITING", 0)
    got = browser.get("/p/icc_P3.png?side=32")
    assert got.status_code == 503 and got.headers["retry-after"] == picture_answers.AGAIN_S
