"""The guard: who has not signed in gets nowhere, and what it refuses is logged."""

import asyncio
import functools
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from studio import context
from studio.accounts import passwords, people, refusal_log, rights, sessions, tokens
from studio.database import engine as db
from studio.settings import load_settings
from studio.web import session, sign_in, sockets
from studio.web.failures import Failures
from studio.web.guard import Guard
from studio.web.headers import Policy
from studio.web.name_cookie import Door
from studio.web.session import COOKIE, sender

AT = "https://studio.test"
STREAM = "wss://studio.test/_stcore/stream"
HTML = {"accept": "text/html,*/*"}
HERE = {"origin": AT}
SECRET = "three or four words"


async def _told(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"in: {sender(request, 'nobody')}")


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


def _studio(home: Path, **settings: str) -> context.Studio:
    given = {f"STUDIO_{name.upper()}": value for name, value in settings.items()}
    found = load_settings(given, home=str(home))
    return context.Studio(found, db.open_database(home), None, None)  # type: ignore[arg-type]


def _browser(studio: context.Studio, **more: object) -> TestClient:
    every = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]
    routes = [
        *sign_in.ROUTES,
        Route("/healthz", _told),
        WebSocketRoute("/_stcore/stream", _echo),
        Route("/{any:path}", _told, methods=every),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Policy),
            Middleware(Failures),
            Middleware(Guard, studio=lambda: studio),
            Middleware(Door),
        ],
    )
    return TestClient(app, **{"base_url": AT, "follow_redirects": False, **more})  # type: ignore[arg-type]


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[context.Studio]:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    made = _studio(tmp_path, sign_in="local", address=AT)
    monkeypatch.setattr(session, "studio", lambda: made)
    refusal_log.keep(tmp_path)
    for name, role in (("Ana", "artist"), ("Vi", "viewer")):
        people.add(made.engine, name, role, by="x", now=_now(), password=SECRET)
    yield made
    refusal_log.keep(None)
    made.engine.dispose()


@pytest.fixture
def browser(studio: context.Studio) -> TestClient:
    return _browser(studio)


def _now() -> datetime:
    return datetime.now(UTC)


def _sign_in(browser: TestClient, name: str = "ana", password: str = SECRET, **more: str):
    return browser.post(
        "/sign-in", data={"name": name, "password": password}, headers={**HERE, **more}
    )


def _logged(studio: context.Studio) -> dict[str, str]:
    return refusal_log.newest(studio.home, 1)[0]


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
        assert (_logged(studio)["what"], _logged(studio)["asked"]) == (
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
    _, token = tokens.make(studio.engine, "Ana", "artist", label="x", days=1, by=ana, now=_now())
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
    assert _logged(studio)["asked"] == "WebSocket /_stcore/stream"


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
    assert _logged(studio)["what"] == "a session that is over"


def test_who_signs_in_anew_leaves_no_session_behind(browser, studio):
    for _ in range(3):
        assert _sign_in(browser).status_code == 303
    assert len(sessions.listing(studio.engine, _now())) == 1


@pytest.mark.parametrize("name", ["ana", "nobody", "", "<script>alert(1)</script>"])
def test_a_wrong_sign_in_has_one_answer_whoever_it_is(browser, name):
    answer = _sign_in(browser, name, "wrong")
    assert answer.status_code == 401 and "do not go together" in answer.text
    assert name not in answer.text or name in ("", "ana")
    assert answer.text == _sign_in(browser, "else", "wrong").text
    assert COOKIE not in browser.cookies


def test_a_form_that_nobody_typed_is_not_read(browser):
    answer = browser.post("/sign-in", content=b"name=" + b"a" * 9000, headers=HERE)
    assert answer.status_code == 413


def test_too_many_at_once_are_told_to_come_back(browser, monkeypatch):
    monkeypatch.setattr(sign_in, "WAITING", 0)
    assert _sign_in(browser).status_code == 503


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
    _sign_in(browser)
    for method, address in [
        ("POST", "/sign-out"),
        ("POST", "/upload"),
        ("PUT", "/upload/x"),
        ("DELETE", "/_stcore/upload_file/a/b"),
    ]:
        answer = browser.request(method, address, headers=headers)
        assert answer.status_code == 403, (method, headers)
        assert _logged(studio)["asked"] == f"{method} {address}"
    assert browser.get("/").text == "in: Ana"  # nobody was signed out
    if headers:
        assert browser.post("/sign-in", data={}, headers=headers).status_code == 403
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers=headers),
        ):
            pass


def test_pictures_are_not_shown_inside_other_sites(browser):
    _sign_in(browser)
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
    _sign_in(browser)
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
    assert (_logged(studio)["what"], _logged(studio)["address"]) == (
        "a path that leads elsewhere",
        "1.2.3.4",
    )


def _decoded(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)


def test_a_token_opens_routes_as_its_person_until_withdrawn(browser, studio):
    ana = rights.Actor("Ana", "artist")
    made, token = tokens.make(studio.engine, "Ana", "artist", label="x", days=1, by=ana, now=_now())
    bearer = {"authorization": f"Bearer {token}"}
    assert browser.get("/download/data/x/y", headers=bearer).text == "in: Ana"
    assert browser.post("/upload", headers=bearer).text == "in: Ana"
    evil = {**bearer, "origin": "https://evil.test"}
    assert browser.post("/upload", headers=evil).status_code == 403
    tokens.withdraw(studio.engine, made.id, by=ana, now=_now())
    answer = browser.get("/download/data/x/y", headers=bearer)
    assert answer.status_code == 401 and "a token that does not hold" in answer.text
    assert token not in (studio.home / "logs" / "strangers.jsonl").read_text()
    _sign_in(browser)  # a bad token is not made good by a session
    assert browser.get("/", headers={"authorization": "Bearer hs_x"}).status_code == 401


def test_a_websocket_closes_when_its_session_ends(browser, studio):
    _sign_in(browser)
    cookie = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    with browser.websocket_connect(STREAM, headers={**HERE, **cookie}) as socket:
        socket.send_text("one")
        assert socket.receive_text() == "one"
        sessions.end_of(studio.engine, "Ana", by=rights.Actor("Ana"), now=_now())
        socket.send_text("two")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1008
    assert _logged(studio)["who"] == "Ana"


def test_who_is_kept_out_is_out_at_once(browser, studio):
    _sign_in(browser)
    people.shut(studio.engine, "Ana", by="x", now=_now())
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize("next", ["//evil.test", "https://evil.test/", "/\\evil", "/\t/evil", "x"])
def test_signing_in_leads_nowhere_outside(browser, next):
    answer = browser.post(
        "/sign-in", params={"next": next}, headers=HERE, data={"name": "ana", "password": SECRET}
    )
    assert answer.headers["location"] == "/"


def test_a_database_that_is_away_is_said_plainly(browser, studio, request):
    _sign_in(browser)
    studio.engine.dispose()
    if db.is_postgres(studio.engine):
        cluster = request.getfixturevalue("cluster")
        cluster.stop("immediate")
        request.addfinalizer(cluster.start)
    else:
        (studio.home / "studio.db").rename(studio.home / "gone.db")
        (studio.home / "studio.db").mkdir()
    answer = browser.get("/")
    assert answer.status_code == 503 and "Traceback" not in answer.text


def test_a_database_that_is_locked_is_said_at_sign_in(tmp_path, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.05)
    opened = _studio(tmp_path, sign_in="local", address=AT)
    if db.is_postgres(opened.engine):
        pytest.skip("only SQLite has one writer for all of it")
    monkeypatch.setattr(session, "studio", lambda: opened)
    browser = _browser(opened)
    with closing(sqlite3.connect(tmp_path / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        plain = _sign_in(browser)
        page = _sign_in(browser, accept="text/html")
        other.execute("ROLLBACK")
    assert plain.status_code == page.status_code == 503
    assert "Wait a moment, then send it again." in plain.text and "<h1>" in page.text
    assert _sign_in(browser).status_code == 401  # there is nobody yet
    opened.engine.dispose()


def test_without_sign_in_set_up_only_this_machine_may_call(tmp_path, monkeypatch):
    """Another site can make its own name lead to 127.0.0.1, and then be 'the same origin'."""
    opened = _studio(tmp_path)
    browser = _browser(opened, base_url="http://localhost:8501")
    assert browser.get("/healthz").status_code == 200
    named = {"cookie": "housestyle_name=Ana"}
    assert browser.get("/", headers=named).text == "in: Ana"
    assert browser.post("/upload", headers=named).status_code == 200
    evil = {"host": "evil.test:8501", "origin": "http://evil.test:8501"}
    assert browser.get("/", headers={**named, "host": "evil.test:8501"}).status_code == 403
    assert browser.post("/upload", headers={**named, **evil}).status_code == 403
    assert (
        browser.post("/upload", headers={**named, "origin": "http://evil.test"}).status_code == 403
    )


def test_wrong_passwords_of_many_keep_nobody_out(studio):
    def sender(address: str, **more: object) -> TestClient:
        return _browser(studio, client=(address, 5000), **more)

    for number in range(8):
        flood = sender(f"10.0.1.{number}")
        assert {_sign_in(flood, password="wrong").status_code for _ in range(6)} == {401}
    owner = sender("10.0.0.1")
    assert _sign_in(owner).status_code == 303
    kept = owner.cookies["housestyle_browser"]
    assert kept != owner.cookies[COOKIE] and owner.get("/").text == "in: Ana"
    owner.post("/sign-out", headers=HERE)
    assert owner.cookies["housestyle_browser"] == kept  # which is no way in
    assert owner.get("/", headers={"cookie": f"{COOKIE}={kept}"}).status_code == 401
    near = sender("10.0.1.1")  # at an address that rests, in a browser that is known
    assert _sign_in(near).status_code == 401
    near.cookies.set("housestyle_browser", kept)
    assert _sign_in(near).status_code == 303


def test_who_fills_the_line_leaves_room_for_others(browser, monkeypatch):
    waiting = {"10.0.0.1": sign_in.EACH}
    monkeypatch.setattr(sign_in, "_waiting", Counter(waiting))
    full = _browser(session.studio(), client=("10.0.0.1", 1))
    assert _sign_in(full).status_code == 503
    assert _sign_in(browser).status_code == 303
    assert sign_in._waiting == waiting


def test_a_person_has_no_end_of_pages(browser, studio, monkeypatch):
    monkeypatch.setattr(sockets, "MOST", 1)
    _sign_in(browser)
    headers = {**HERE, "cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    with browser.websocket_connect(STREAM, headers=headers):
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers=headers),
        ):
            pass
        assert _logged(studio)["what"] == "too many pages are open"
    with browser.websocket_connect(STREAM, headers=headers):
        pass


def test_a_websocket_says_where_it_comes_from(browser, studio):
    _sign_in(browser)
    cookie = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    for origin in ({}, {"origin": ""}, {"origin": "null"}):
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers={**cookie, **origin}),
        ):
            pass


def test_streamlits_own_addresses_are_in_the_table_of_rights(browser, studio):
    upload = "/_stcore/upload_file/a/b"
    _sign_in(browser, "vi")
    answer = browser.put(upload, headers=HERE, content=b"x")
    assert answer.status_code == 403 and "artists" in answer.text
    assert browser.get("/_stcore/metrics").status_code == 403
    assert browser.post("/_stcore/agent/interact", headers=HERE).status_code == 404
    assert browser.get("/media/x.png").status_code == 200
    _sign_in(browser, "ana")
    assert browser.put(upload, headers=HERE, content=b"x").status_code == 200
