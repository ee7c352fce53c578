"""The door asks a browser for a name once and sends it on to where it was going."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.web.name_cookie import COOKIE, Door, hello, name_in

HTML = {"accept": "text/html,*/*"}


async def _page(request):
    return PlainTextResponse(f"hello {name_in(request.cookies.get(COOKIE))}")


@pytest.fixture
def browser():
    routes = [
        Route("/hello", hello, methods=["GET", "POST"]),
        Route("/healthz", _page),
        Route("/{any:path}", _page),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Door)]))


def test_the_name_is_asked_once_and_leads_back(browser):
    asked = browser.get("/Registry?style=props&a=1", headers=HTML)
    assert "Who is there?" in asked.text and asked.url.path == "/hello"
    given = browser.post(str(asked.url), data={"name": "  Zoë  O'Neil "}, follow_redirects=False)
    assert given.status_code == 303 and given.headers["location"] == "/Registry?style=props&a=1"
    assert "httponly" in given.headers["set-cookie"].lower()
    assert browser.get("/Registry", headers=HTML).text == "hello Zoë O'Neil"


@pytest.mark.parametrize("name", ["", "   ", "<script>", "a" * 41, "=x", "a\nb\x00"])
def test_a_name_that_will_not_do_is_asked_again(browser, name):
    answer = browser.post("/hello", data={"name": name})
    assert answer.status_code == 400
    assert "letters" in answer.text and "<script>" not in answer.text
    assert COOKIE not in answer.cookies


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example/", "/\\evil", "x"])
def test_it_leads_nowhere_outside(browser, next):
    answer = browser.post(
        "/hello", params={"next": next}, data={"name": "Bo"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"


def test_health_and_what_is_no_page_need_no_name(browser):
    assert browser.get("/healthz", headers=HTML).text == "hello "
    assert browser.get("/Registry", headers={"accept": "*/*"}).text == "hello "
    assert "Who is there?" in browser.get("/hello?next=/%22%3E%3Cscript%3E", headers=HTML).text


def test_a_forged_cookie_is_no_name():
    assert name_in("%3Cscript%3E") == "" and name_in(None) == "" and name_in("Ana") == "Ana"
