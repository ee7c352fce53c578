"""Files that browsers send, over HTTP."""

import asyncio
import filecmp
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.datasets import uploads
from studio.web import session, upload_routes

OURS = {"X-Housestyle": "1"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    settings = SimpleNamespace(most_uploads=1024**3)
    studio = SimpleNamespace(home=tmp_path, settings=settings)
    monkeypatch.setattr(session, "studio", lambda: studio)
    return tmp_path


@pytest.fixture
def browser(home):
    return TestClient(Starlette(routes=upload_routes.ROUTES))


@pytest.fixture
def token(browser):
    return browser.post("/upload", headers=OURS).json()["token"]


def put(browser, token, name, data, size=None):
    asked = {"name": name, "size": len(data) if size is None else size}
    return browser.put(f"/upload/{token}", params=asked, content=data)


def test_files_arrive_under_their_names(browser, home, token):
    data = bytes(range(256)) * 2000
    assert put(browser, token, "art/Zoë & co.png", data).status_code == 204
    assert put(browser, token, "art/a.txt", b"a gem").status_code == 204
    found = uploads.waiting(home, token)
    assert (found.pictures, found.bytes) == (("art/Zoë & co.png",), len(data) + 5)
    kept = uploads.folder_of(home, token) / "files" / "art" / "Zoë & co.png"
    assert kept.read_bytes() == data


@pytest.mark.parametrize(
    ("name", "data", "size", "says"),
    [
        ("../up.png", b"x", None, "leads out of the folder"),
        ("x.exe", b"x", None, "no picture format"),
        ("", b"x", None, "can't be read"),
        ("big.zip", b"", 2 * 1024**3, "2.0 GB; one upload takes up to 1.0 GB"),
        ("a.png", b"1234", 9, "did not come whole"),
        ("a.png", b"1234", 1, "more came"),
    ],
)
def test_what_can_not_be_is_answered_with_a_reason(browser, home, token, name, data, size, says):
    answer = put(browser, token, name, data, size)
    assert answer.status_code == 422 and says in answer.json()["message"]
    assert answer.json()["remedy"]
    found = uploads.waiting(home, token)
    assert found.pictures == () and len(found.refused) == 1


def test_other_sites_and_unknown_uploads_get_nothing(browser, home):
    assert browser.post("/upload").status_code == 403
    assert not (home / "uploads").exists()
    for token in ("0" * 32, "..", "x"):
        assert put(browser, token, "a.png", b"x").status_code == 404
    assert browser.put(f"/upload/{'0' * 32}", content=b"x").status_code == 400
    assert browser.get("/upload").status_code == 405


def test_adapters_arrive_as_safetensors_only(browser, home, token):
    asked = {"name": "x.pt", "size": 1}
    answer = browser.put(f"/upload/adapter/{token}", params=asked, content=b"x")
    assert answer.status_code == 422 and "not .safetensors" in answer.json()["message"]
    asked["name"] = "x.safetensors"
    assert browser.put(f"/upload/{token}", params=asked, content=b"x").status_code == 422
    answer = browser.put(f"/upload/adapter/{token}", params=asked, content=b"x")
    assert answer.status_code == 204
    assert (uploads.folder_of(home, token) / "files" / "x.safetensors").read_bytes() == b"x"
    asked["name"] = "peft/adapter_config.json"  # of the weights beside it
    answer = browser.put(f"/upload/adapter/{token}", params=asked, content=b"{")
    assert answer.status_code == 204
    asked["name"] = "tokenizer_config.json"
    answer = browser.put(f"/upload/adapter/{token}", params=asked, content=b"{")
    assert answer.status_code == 422


@pytest.mark.parametrize("at", ["/upload/{}", "/upload/adapter/{}"])
def test_files_are_compared_beside_the_event_loop(browser, home, token, monkeypatch, at):
    beside = []
    compare = filecmp.cmp

    def noted(*given, **named):
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        beside.append(given)
        return compare(*given, **named)

    monkeypatch.setattr(filecmp, "cmp", noted)
    name = "x.safetensors" if "adapter" in at else "a.png"
    for data in (b"first", b"first", b"other"):
        asked = {"name": name, "size": len(data)}
        assert browser.put(at.format(token), params=asked, content=data).status_code == 204
    assert len(beside) == 2
    files = uploads.folder_of(home, token) / "files"
    assert sorted(path.read_bytes() for path in files.iterdir()) == [b"first", b"other"]
