"""The guard: sessions, tokens and passwords, and what they hold up."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from studio.accounts import people, rights, sessions, tokens
from studio.database import engine as db
from studio.web import session, sign_in, sockets
from studio.web.session import COOKIE
from tests.web.guarded import (
    AT,
    HERE,
    SECRET,
    STREAM,
    browser_of,
    logged,
    now,
    signed_in,
    studio_in,
)


def test_a_token_opens_routes_as_its_person_until_withdrawn(browser, studio):
    ana = rights.Actor("Ana", "artist")
    made, token = tokens.make(studio.engine, "Ana", "artist", label="x", days=1, by=ana, now=now())
    bearer = {"authorization": f"Bearer {token}"}
    assert browser.get("/download/data/x/y", headers=bearer).text == "in: Ana"
    assert browser.post("/upload", headers=bearer).text == "in: Ana"
    evil = {**bearer, "origin": "https://evil.test"}
    assert browser.post("/upload", headers=evil).status_code == 403
    tokens.withdraw(studio.engine, made.id, by=ana, now=now())
    answer = browser.get("/download/data/x/y", headers=bearer)
    assert answer.status_code == 401 and "a token that does not hold" in answer.text
    assert token not in (studio.home / "logs" / "strangers.jsonl").read_text()
    signed_in(browser)  # a bad token is not made good by a session
    assert browser.get("/", headers={"authorization": "Bearer hs_x"}).status_code == 401


def test_a_websocket_closes_when_its_session_ends(browser, studio):
    signed_in(browser)
    cookie = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    with browser.websocket_connect(STREAM, headers={**HERE, **cookie}) as socket:
        socket.send_text("one")
        assert socket.receive_text() == "one"
        sessions.end_of(studio.engine, "Ana", by=rights.Actor("Ana"), now=now())
        socket.send_text("two")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1008
    assert logged(studio)["who"] == "Ana"


def test_who_is_kept_out_is_out_at_once(browser, studio):
    signed_in(browser)
    people.shut(studio.engine, "Ana", by="x", now=now())
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize("next", ["//evil.test", "https://evil.test/", "/\\evil", "/\t/evil", "x"])
def test_signing_in_leads_nowhere_outside(browser, next):
    answer = browser.post(
        "/sign-in", params={"next": next}, headers=HERE, data={"name": "ana", "password": SECRET}
    )
    assert answer.headers["location"] == "/"


def test_a_database_that_is_away_is_said_plainly(browser, studio, request):
    signed_in(browser)
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
    opened = studio_in(tmp_path, sign_in="local", address=AT)
    if db.is_postgres(opened.engine):
        pytest.skip("only SQLite has one writer for all of it")
    monkeypatch.setattr(session, "studio", lambda: opened)
    browser = browser_of(opened)
    with closing(sqlite3.connect(tmp_path / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        plain = signed_in(browser)
        page = signed_in(browser, accept="text/html")
        other.execute("ROLLBACK")
    assert plain.status_code == page.status_code == 503
    assert "Wait a moment, then send it again." in plain.text and "<h1>" in page.text
    assert signed_in(browser).status_code == 401  # there is nobody yet
    opened.engine.dispose()


def test_without_sign_in_set_up_only_this_machine_may_call(tmp_path, monkeypatch):
    """Another site can make its own name lead to 127.0.0.1, and then be 'the same origin'."""
    opened = studio_in(tmp_path)
    browser = browser_of(opened, base_url="http://localhost:8501")
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
        return browser_of(studio, client=(address, 5000), **more)

    for number in range(8):
        flood = sender(f"10.0.1.{number}")
        assert {signed_in(flood, password="wrong").status_code for _ in range(6)} == {401}
    owner = sender("10.0.0.1")
    assert signed_in(owner).status_code == 303
    kept = owner.cookies["housestyle_browser"]
    assert kept != owner.cookies[COOKIE] and owner.get("/").text == "in: Ana"
    owner.post("/sign-out", headers=HERE)
    assert owner.cookies["housestyle_browser"] == kept  # which is no way in
    assert owner.get("/", headers={"cookie": f"{COOKIE}={kept}"}).status_code == 401
    near = sender("10.0.1.1")  # at an address that rests, in a browser that is known
    assert signed_in(near).status_code == 401
    near.cookies.set("housestyle_browser", kept)
    assert signed_in(near).status_code == 303


def test_who_fills_the_line_leaves_room_for_others(browser, monkeypatch):
    waiting = {"10.0.0.1": sign_in.EACH}
    monkeypatch.setattr(sign_in, "_waiting", Counter(waiting))
    full = browser_of(session.studio(), client=("10.0.0.1", 1))
    assert signed_in(full).status_code == 503
    assert signed_in(browser).status_code == 303
    assert sign_in._waiting == waiting


def test_a_person_has_no_end_of_pages(browser, studio, monkeypatch):
    monkeypatch.setattr(sockets, "MOST", 1)
    signed_in(browser)
    headers = {**HERE, "cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    with browser.websocket_connect(STREAM, headers=headers):
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers=headers),
        ):
            pass
        assert logged(studio)["what"] == "too many pages are open"
    with browser.websocket_connect(STREAM, headers=headers):
        pass


def test_a_websocket_says_where_it_comes_from(browser, studio):
    signed_in(browser)
    cookie = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    for origin in ({}, {"origin": ""}, {"origin": "null"}):
        with (
            pytest.raises(WebSocketDisconnect),
            browser.websocket_connect(STREAM, headers={**cookie, **origin}),
        ):
            pass


def test_streamlits_own_addresses_are_in_the_table_of_rights(browser, studio):
    upload = "/_stcore/upload_file/a/b"
    signed_in(browser, "vi")
    answer = browser.put(upload, headers=HERE, content=b"x")
    assert answer.status_code == 403 and "artists" in answer.text
    assert browser.get("/_stcore/metrics").status_code == 403
    assert browser.post("/_stcore/agent/interact", headers=HERE).status_code == 404
    assert browser.get("/media/x.png").status_code == 200
    signed_in(browser, "ana")
    assert browser.put(upload, headers=HERE, content=b"x").status_code == 200
