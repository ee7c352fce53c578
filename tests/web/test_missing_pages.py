"""Addresses that no page has are said to have none; those of before lead on."""

import httpx
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.web import index_html, missing_pages, navigation
from studio.web.navigation import Moved

# As Streamlit does: its one page for every address.
ANYWHERE = Route("/{path:path}", lambda request: HTMLResponse(index_html.plain().decode()))
APP = index_html.Shell(Starlette(routes=[ANYWHERE]))


def get(path: str) -> httpx.Response:
    return TestClient(APP).get(path, headers={"Accept": "text/html"})


def test_a_page_that_there_is_not_says_so_and_names_those_that_there_are():
    answer = get("/Evaluat")
    assert answer.status_code == 404
    assert "There is no page “Evaluat” here." in answer.text
    meant, _, all_of = answer.text.partition("Did you mean")[2].partition("<h2>Make</h2>")
    assert 'href="/Evaluate"' in meant and 'href="/Vote"' not in meant
    for page in navigation.PAGES:
        assert (f'href="{page.address}"' in answer.text) is (page.listed and not page.signed_in)
    assert "BACKEND_BASE_URL" not in answer.text
    assert get("/Evaluate").status_code == get("/").status_code == 200


def test_what_was_asked_for_is_shown_as_text():
    answer = get("/<script>alert(1)</script>" + "x" * 200)
    assert answer.status_code == 404 and "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text and "x" * 90 not in answer.text


def test_an_old_page_is_a_redirect_that_keeps_the_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(navigation, "CHECKOUT", tmp_path)
    monkeypatch.setattr(navigation, "MOVED", {"Sort": Moved("Gallery", {"mode": "judge"})})
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "Gallery.py").touch()
    client = TestClient(Starlette(routes=missing_pages.routes()), follow_redirects=False)
    answer = client.get("/Sort?job=3&style=a%20b")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/Gallery?job=3&style=a+b&mode=judge"
