"""The whole of the web process, asked oddly: every route of ours, of Streamlit's and of MLflow's
proxy answers plainly, and every answer has the policy of headers."""

import dataclasses
import os
import queue
import re
import threading
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from studio import context
from studio.accounts import people, refusal_log, rights, tokens
from studio.charges import report
from studio.errors import StudioError
from studio.settings import CHECKOUT, load_settings
from studio.web import headers, session, streamlit_sessions
from studio.web.session import COOKIE
from tests.cut_off import free_port

AT = "http://localhost:8501"
ADMIN = rights.Actor("x", "admin")
HTML = {"accept": "text/html"}
STREAM = "ws://localhost:8501/_stcore/stream"
# What stands in an address where a route has a parameter.
FILLED = ("x", "1", "a" * 64, "0" * 32, "é", "-1", "%00", "x" * 300)
# Headers that a browser, a script or somebody with bad intentions may send.
HEADERS: list[dict[str, str | bytes]] = [
    {},
    HTML,
    {"accept": "text/html", "cookie": "housestyle_name=Ana"},
    {"host": "evil.test"},
    {"host": "evil.test", **HTML},
    {"host": "[::1"},
    {"host": b"\xff"},
    {"origin": ""},
    {"origin": "null", **HTML},
    {"origin": "http://["},
    {"origin": "http://evil.test", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    {"origin": AT},
    {"origin": AT, "content-type": "application/json"},
    {"origin": AT, "content-type": "multipart/form-data"},
    {"origin": AT, "content-type": "multipart/form-data; boundary=x"},
    {"origin": AT, "content-type": "text/plain; charset=nothing"},
    {"origin": AT, "content-type": b"\xff"},
    {"cookie": f"{COOKIE}=x; housestyle_name=%ff; _streamlit_user=x; _streamlit_xsrf=2|x"},
    {"cookie": b"\xff=\xff; ;;=; a"},
    {"cookie": f"{COOKIE}={'a' * 43}"},
    {"authorization": "Bearer hs_x"},
    {"authorization": "Basic eDp4"},
    {"authorization": b"Bearer \xff"},
    {"range": "bytes=9-1"},
    {"range": "bytes=a-b,c"},
    {"range": "bytes=0-0,0-0"},
    {"if-none-match": "\x7f", "if-modified-since": "yesterday"},
    {"accept-encoding": "gzip;q=x, *"},
    {"accept": "\t", "accept-language": "x" * 2000},
    {"user-agent": b"\xff\xfe"},
    {"x-forwarded-for": "x", "x-forwarded-host": "evil.test", "forwarded": "for=x"},
    {"x-housestyle": "", "origin": AT},
    {"x-http-method-override": "DELETE"},
    {"upgrade": "websocket", "connection": "upgrade"},
    {"expect": "200-ok"},
]
# Those that leave it open who asks.
ODD = [given for given in HEADERS if not {"host", "cookie", "authorization"} & set(given)]
BODIES: list[bytes] = [b"", b"{", b"--x\r\n\r\n", b"name=\xff&password=%00&next=//["]
QUERIES = ("", "?next=//[&over=1", "?side=999&factor=1/0&size=x&name=%00", "?\xff=%ff&&=")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("every")
        patch.setenv("STUDIO_HOME", str(home))
        patch.setenv("STUDIO_MLFLOW_PORT", str(free_port()))
        session.forget()
        from studio.web import asgi

        with TestClient(asgi.app, AT, follow_redirects=False) as client:
            yield client
        session.forget()
        refusal_log.keep(None)
        rights.close_house(False)


@pytest.fixture(params=["none", "local"])
def client(
    everything: TestClient, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> TestClient:
    opened = session.studio()
    told = load_settings({**os.environ, "STUDIO_SIGN_IN": request.param})
    monkeypatch.setattr(session, "_studio", dataclasses.replace(opened, settings=told))
    rights.close_house(told.sign_in.needed)
    everything.cookies.clear()
    return everything


def _addresses() -> list[tuple[str, set[str]]]:
    """Every route with something in the place of its parameters, and its methods."""
    from studio.web import asgi

    assert asgi.app._starlette_app is not None
    found = []
    for number, route in enumerate(asgi.app._starlette_app.routes):
        if isinstance(route, Route):
            for step in range(2 if route.path.count("{") else 1):
                filled = FILLED[(number + 3 * step) % len(FILLED)]
                path = re.sub(r"\{\w+(:\w+)?\}", filled, route.path)
                found.append((path, (route.methods or set()) | {"GET"}))
        elif isinstance(route, Mount):  # Streamlit's own files, and every page
            names = ("", "Vote", "static/js/x.js", "favicon.png", "index.html", "a/", "%2e%2e/x")
            found += [(f"/{name}", {"GET", "POST"}) for name in names]
    assert len(found) > 60
    return found


def _plain(answer: Any, asked: object) -> None:
    assert answer.status_code != 500, asked
    text = answer.text[:5000]
    assert "Traceback" not in text and "site-packages" not in text, asked
    told = answer.headers
    for name, value in headers.ALWAYS.items():
        assert told.get_list(name) == [value], (asked, name)
    policies = told.get_list("content-security-policy")
    assert len(policies) == 1 and "frame-ancestors" in policies[0], asked
    assert "'unsafe-eval'" not in policies[0] or "/mlflow" in str(asked)
    assert told["x-frame-options"], asked
    scripts = next((p for p in policies[0].split(";") if "script-src" in p), "")
    assert "'unsafe-inline'" not in scripts and "*" not in policies[0]


def test_every_route_has_the_policy(client: TestClient) -> None:
    for path, _ in _addresses():
        _plain(client.get(path), path)


def test_programs_are_told_in_problems_beside_the_routes_too(client: TestClient) -> None:
    needed = session.studio().settings.sign_in.needed
    for path, status in (("/api/styles", 404), ("/api/v2/me", 404), ("/mcp", 405), ("/mcp/", 405)):
        answer = client.get(path)
        assert answer.status_code == (401 if needed else status), path
        assert answer.headers["content-type"] == "application/problem+json"


def test_no_details_of_an_error_are_for_browsers(everything: TestClient) -> None:
    from streamlit import config

    from studio.web import asgi, page_errors

    assert config.get_option("client.showErrorDetails") == "none"
    assert asgi.app._on_script_error is page_errors.show
    told = tomllib.loads((CHECKOUT / ".streamlit/config.toml").read_text("utf-8"))
    assert told["client"]["showErrorDetails"] == "none"


@pytest.mark.slow
def test_every_answer_has_the_policy(client: TestClient) -> None:
    for path, methods in _addresses():
        for method in sorted(methods | {"OPTIONS", "TRACE"}):
            for more in ({}, HTML, {"origin": AT}):
                _plain(client.request(method, path, headers=more), (method, path, more))


@pytest.mark.slow
def test_odd_headers_and_bodies_are_answered_plainly(client: TestClient) -> None:
    for number, (path, methods) in enumerate(_addresses()):
        turns = sorted(methods)
        for step, given in enumerate(HEADERS):
            query, body = QUERIES[(number + step) % 4], BODIES[(number + step) % 4]
            method = turns[step % len(turns)]
            content = None if method in ("GET", "HEAD") else body
            asked = (method, path + query, given)
            _plain(client.request(method, path + query, headers=given, content=content), asked)


def _sign_in(client: TestClient, name: str = "Ana", role: str = "admin") -> None:
    studio: context.Studio = session.studio()
    if not studio.settings.sign_in.needed:
        return
    secret = "three or four words"
    if name not in [one.name for one in people.listing(studio.engine)]:
        people.add(studio.engine, name, role, by=ADMIN, now=context.now(), password=secret)
    client.cookies.clear()
    came = client.post("/sign-in", data={"name": name, "password": secret}, headers={"origin": AT})
    assert came.status_code == 303


def test_an_assistant_is_answered_within_the_app_by_a_token_alone(client: TestClient) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    given, studio = {"accept": "application/json"}, session.studio()
    if studio.settings.sign_in.needed:
        _sign_in(client)
        refused = client.post("/mcp", json=asked, headers={**given, "origin": AT})
        assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
        made = {"label": "x", "days": 1, "by": ADMIN, "now": context.now()}
        _, secret = tokens.make(studio.engine, "Ana", "viewer", **made)
        given["authorization"] = f"Bearer {secret}"
    told = client.post("/mcp", json=asked, headers=given)
    assert told.status_code == 200
    names = {one["name"] for one in told.json()["result"]["tools"]}
    assert "list_styles" in names and ("generate" in names) != studio.settings.sign_in.needed


def test_a_file_for_a_page_is_that_persons_and_counted(client: TestClient) -> None:
    """With Streamlit's own sessions, uploads and check of forged requests."""
    _sign_in(client)
    who = "Ana" if session.studio().settings.sign_in.needed else ""
    cookie = _cookie(client)
    known = _pages_open()
    with client.websocket_connect(STREAM, ["streamlit"], headers={"origin": AT, **cookie}):
        (page,) = _pages_open() - known
        assert streamlit_sessions.person_of(page) == who
        client.get("/_stcore/health")
        given = {"origin": AT, "x-xsrftoken": client.cookies["_streamlit_xsrf"]}

        def put() -> int:
            sent = {"file": ("x.png", b"x" * 1000)}
            return client.put(
                f"/_stcore/upload_file/{page}/1", files=sent, headers=given
            ).status_code

        assert put() == 204
        assert streamlit_sessions.held()[page] == 1000 + streamlit_sessions.A_FILE
        if who:
            _sign_in(client, "Bo", "artist")
            client.get("/_stcore/health")
            given["x-xsrftoken"] = client.cookies["_streamlit_xsrf"]
            assert put() == 403
    assert streamlit_sessions.person_of(page) is None


@pytest.mark.slow
def test_a_download_that_fails_is_a_box_on_the_page_that_asked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a browser does it: the page is drawn, its button clicked, and the page drawn anew."""
    _sign_in(client)
    given = {"origin": AT, **_cookie(client)}
    known = _pages_open()
    with client.websocket_connect(STREAM, ["streamlit"], headers=given) as socket:
        (own,) = _pages_open() - known
        drawn = _runs(socket)
        asked = BackMsg()
        asked.rerun_script.page_name = "Costs"
        socket.send_bytes(asked.SerializeToString())
        page = drawn()
        (button,) = [one.download_button for one in page if one.HasField("download_button")]
        assert button.label == "Download CSV"

        def refuse(*given: Any, **more: Any) -> int:
            raise StudioError("The lid is <b>shut</b>.", "Open it.")

        monkeypatch.setattr(report, "write_csv", refuse)
        click = BackMsg()
        click.backend_operation_request.request_id = "1"
        click.backend_operation_request.session_id = own
        click.backend_operation_request.deferred_file.file_id = button.deferred_file_id
        socket.send_bytes(click.SerializeToString())
        page = drawn()
        boxes = [one.alert for one in page if one.HasField("alert")]
        (said,) = [box.body for box in boxes if box.format == Alert.ERROR]
        assert said.replace("\\", "") == "The lid is <b>shut</b>.\n\nOpen it."
        assert [one for one in page if one.HasField("download_button")]  # the same page


def _pages_open() -> set[str]:
    """The ids of Streamlit's sessions, of which a page that goes leaves its own for a while."""
    from streamlit.runtime import Runtime

    return {one.session.id for one in Runtime.instance()._session_mgr.list_sessions()}


def _cookie(client: TestClient) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


def _runs(socket: Any) -> Callable[[], list[Element]]:
    """Waits for the end of the next run of the page; what it drew."""
    frames: queue.Queue[bytes] = queue.Queue()

    def read() -> None:
        while True:
            try:
                frames.put(socket.receive_bytes())
            except Exception:  # it was closed
                return

    threading.Thread(target=read, daemon=True).start()

    def drawn() -> list[Element]:
        found: list[Element] = []
        while True:
            frame = ForwardMsg.FromString(frames.get(timeout=60))
            if frame.WhichOneof("type") == "script_finished":
                return found
            if frame.WhichOneof("type") == "delta" and frame.delta.HasField("new_element"):
                found.append(frame.delta.new_element)

    return drawn


@pytest.mark.slow
def test_who_is_signed_in_is_answered_plainly_too(client: TestClient) -> None:
    _sign_in(client)
    for number, (path, methods) in enumerate(_addresses()):
        for step in range(0 if path.startswith(("/sign-", "/mcp")) else 6):  # tokens alone
            turns, content = sorted(methods), BODIES[(number + step) % 4]
            method, query = turns[step % len(turns)], QUERIES[step % 4]
            given = {"origin": AT, "x-housestyle": "1", **ODD[(number * 6 + step) % len(ODD)]}
            body = None if method in ("GET", "HEAD") else content
            answer = client.request(method, path + query, headers=given, content=body)
            _plain(answer, (method, path, given))
            assert answer.status_code != 401, (method, path, given)


@pytest.mark.parametrize("path", ["/_stcore/stream", "/", "/nothing", "/picture/made/1"])
def test_a_websocket_that_is_none_of_a_page_is_refused(client: TestClient, path: str) -> None:
    for given in HEADERS:
        if path == "/_stcore/stream" and "host" not in given and "origin" not in given:
            if not session.studio().settings.sign_in.needed:
                continue  # a script on this machine, which may
        if given.get("origin") == AT and not session.studio().settings.sign_in.needed:
            continue
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(f"ws://localhost:8501{path}", headers=given),
        ):
            pass
