"""The guard: who has not signed in gets nowhere, and what it refuses is logged."""

import asyncio
import functools
from urllib.parse import quote

import pytest
from starlette.websockets import WebSocketDisconnect

from studio.accounts import rights, sessions, tokens
from studio.web import sign_in
from studio.web.session import COOKIE
from tests.web.guarded import (
    AT,
    HERE,
    HTML,
    SECRET,
    STREAM,
    logged,
    now,
    signed_in,
)

EVERYTHING = [
    "/",
    "/Registry?style=x",
    "/You",
    "/hello",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/upload_file/x/y",
    "/media/" + "a" * 56 + ".png",
    "/static/js/index.js",
    "/app/static/fonts/x.woff2",
    "/component/x/index.html",
    "/picture/data/" + "a" * 64,
    "/picture/sheet/x/1/version-000.png",
    "/picture/side/p1.l.x",
    "/picture/made/1",
    "/picture/preview/x/y/z.png",
    "/download/data/x/y",
    "/download/adapter/x/1",
    "/download/assets/1",
    "/download/picture/1",
    "/download/ratings/1/csv",
    "/screens/0123456789abcdef/screens.js",
    "/upload/" + "0" * 32,
    "/auth/login",
    "/auth/logout",
    "/oauth2callback",
    "/sign-in/provider",
    "/sign-in/",
    "/sign-inx",
    "/SIGN-IN",
    "/healthz/",
    "/healthz/x",
    "/favicon.png",
    "//healthz",
    "/nothing",
]


@pytest.mark.parametrize("address", EVERYTHING)
def test_without_sign_in_nothing_answers(browser, studio, address):
    plain = browser.get(AT + address)
    assert plain.status_code == 401 and plain.text == "Refused: not signed in."
    page = browser.get(AT + address, headers=HTML)
    assert page.status_code == 303 and page.headers["location"].startswith("/sign-in?next=%2F")
    for method in ("POST", "PUT", "DELETE"):
        assert browser.request(method, AT + address, headers=HERE).status_code == 401
    if not address.startswith("/_stcore/h"):
        path = address.partition("?")[0]
        assert (logged(studio)["what"], logged(studio)["asked"]) == (
            "not signed in",
            f"DELETE {path}",
        )


def test_the_sign_in_page_and_health_do_and_fetch_nothing(browser):
    page = browser.get("/sign-in")
    assert page.status_code == 200 and "password" in page.text
    named = (AT, quote("http://www.w3.org/2000/svg"))  # the latter is what a drawing is called
    assert "http" not in functools.reduce(lambda text, one: text.replace(one, ""), named, page.text)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert browser.get("/healthz").text == "in: nobody"


def test_a_session_that_ended_is_told_where_one_signs_in(browser):
    told = browser.get("/sign-in?over=1&next=%2FVote").text
    assert "Your session has ended" in told and "next=%2FVote" in told
    assert "has ended" not in browser.get("/sign-in?next=%2FVote").text


def test_no_websocket_without_sign_in_or_with_a_token(browser, studio):
    ana = rights.Actor("Ana", "artist")
    _, token = tokens.make(studio.engine, "Ana", "artist", label="x", days=1, by=ana, now=now())
    for headers in (
        {},
        {"cookie": f"{COOKIE}=forged-forged-forged"},
        {"origin": AT},
        {"authorization": f"Bearer {token}"},
    ):
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers=headers),
        ):
            pass
    assert logged(studio)["asked"] == "WebSocket /_stcore/stream"


def test_signing_in_leads_on_and_out_ends_the_session_on_the_server(browser, studio):
    asked = browser.get("/Registry?style=x&a=1", headers=HTML).headers["location"]
    given = browser.post(asked, data={"name": "ANA", "password": SECRET}, headers=HERE)
    assert given.status_code == 303 and given.headers["location"] == "/Registry?style=x&a=1"
    cookie = given.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" in cookie
    assert browser.get("/Registry").text == "in: Ana"
    kept = browser.cookies[COOKIE]
    assert "Ana" in browser.get("/sign-out").text
    browser.post("/sign-out", headers=HERE)
    assert COOKIE not in browser.cookies and browser.get("/").status_code == 401
    replayed = browser.get("/", headers={"cookie": f"{COOKIE}={kept}"})
    assert replayed.status_code == 401 and "a session that is over" in replayed.text
    assert logged(studio)["what"] == "a session that is over"


def test_who_signs_in_anew_leaves_no_session_behind(browser, studio):
    for _ in range(3):
        assert signed_in(browser).status_code == 303
    assert len(sessions.listing(studio.engine, now())) == 1


@pytest.mark.parametrize("name", ["ana", "nobody", "", "<script>alert(1)</script>"])
def test_a_wrong_sign_in_has_one_answer_whoever_it_is(browser, name):
    answer = signed_in(browser, name, "wrong")
    assert answer.status_code == 401 and "do not go together" in answer.text
    assert name not in answer.text or name in ("", "ana")
    assert answer.text == signed_in(browser, "else", "wrong").text
    assert COOKIE not in browser.cookies


def test_a_form_that_nobody_typed_is_not_read(browser):
    answer = browser.post("/sign-in", content=b"name=" + b"a" * 9000, headers=HERE)
    assert answer.status_code == 413


def test_too_many_at_once_are_told_to_come_back(browser, monkeypatch):
    monkeypatch.setattr(sign_in, "WAITING", 0)
    assert signed_in(browser).status_code == 503


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43, "../../x", "a" * 9000, "%00", "ANA"])
def test_a_forged_cookie_is_nobodys(browser, cookie):
    headers = {"cookie": f"{COOKIE}={cookie}; housestyle_name=Ana; _streamlit_user=Ana"}
    assert browser.get("/", headers=headers).status_code == 401


CROSS = [
    {"origin": "https://evil.test"},
    {"origin": "null"},
    {"origin": "http://studio.test"},
    {"origin": "https://studio.test.evil.test"},
    {"origin": "http://studio.test:8501"},
    {"sec-fetch-site": "cross-site", "origin": AT},
    {},
]


@pytest.mark.parametrize("headers", CROSS)
def test_what_another_site_sends_is_refused_though_signed_in(browser, studio, headers):
    signed_in(browser)
    for method, address in [
        ("POST", "/sign-out"),
        ("POST", "/upload"),
        ("PUT", "/upload/x"),
        ("DELETE", "/_stcore/upload_file/a/b"),
    ]:
        answer = browser.request(method, address, headers=headers)
        assert answer.status_code == 403, (method, headers)
        assert logged(studio)["asked"] == f"{method} {address}"
    assert browser.get("/").text == "in: Ana"  # nobody was signed out
    if headers:
        assert browser.post("/sign-in", data={}, headers=headers).status_code == 403
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers=headers),
        ):
            pass


def test_pictures_are_not_shown_inside_other_sites(browser):
    signed_in(browser)
    inside = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert browser.get("/picture/made/1", headers=inside).status_code == 403
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert browser.get("/Registry", headers=followed).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/picture/sheet/x/1/..%2f..%2fstudio.db",
        "/picture/data/%2e%2e/studio.db",
        "/a/../b",
        "/picture/data/..%5cstudio.db",
        "/x%00",
        "/picture/data/%252e%252e%252fstudio.db",
    ],
)
def test_a_path_that_leads_elsewhere(browser, studio, path):
    signed_in(browser)
    scope = {
        "type": "http",
        "method": "GET",
        "path": _decoded(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"studio.test")],
        "client": ("1.2.3.4", 5),
        "scheme": "https",
        "server": ("studio.test", 443),
    }
    sent: list[dict[str, object]] = []

    async def run() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b""}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await browser.app(scope, receive, send)

    asyncio.run(run())
    assert sent[0]["status"] == 400
    assert (logged(studio)["what"], logged(studio)["address"]) == (
        "a path that leads elsewhere",
        "1.2.3.4",
    )


def _decoded(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)
