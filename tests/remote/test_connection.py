"""One question to a machine: to the address that was looked at, without redirects, bounded."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from studio.errors import StudioError
from studio.remote import client
from studio.remote.connection import Address, Away, Connection, Refused
from studio.webhooks import receivers

PRIVATE = (ip_network("127.0.0.0/8"),)
Answer = tuple[int, dict[str, str], bytes]


class Box:
    """A server that answers as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.came: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.came.append((self.command, self.path, dict(self.headers.items())))
            status, headers, body = made.answers.pop(0) if made.answers else (200, {}, b"{}")
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def asks(box: Box) -> Iterator[Connection]:
    made = Connection(Address("attic", box.url, PRIVATE), "the-key-of-attic")
    yield made
    made.close()


def test_the_key_goes_along_and_json_comes_back(box: Box, asks: Connection) -> None:
    box.answers = [(200, {}, b'{"a": 1}'), (200, {}, b"<html>")]
    assert asks.ask("GET", "/health") == {"a": 1}
    assert box.came[0][2]["Authorization"] == "Bearer the-key-of-attic"
    with pytest.raises(StudioError, match="attic does not answer in JSON"):
        asks.ask("GET", "/health")


def test_a_redirect_is_not_followed(box: Box, asks: Connection) -> None:
    box.answers = [(302, {"Location": f"{box.url}/stolen"}, b"")]
    with pytest.raises(StudioError, match="sends elsewhere") as error:
        asks.ask("GET", "/health")
    assert not isinstance(error.value, Away | Refused)
    assert [path for _, path, _ in box.came] == ["/health"]


def test_a_name_that_leads_into_a_private_network_is_refused(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it led to when it was added."""
    port = int(box.url.rpartition(":")[2])
    found = [(2, 1, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(receivers.socket, "getaddrinfo", lambda *_, **__: found)
    away = Connection(Address("attic", f"https://gpu.example.com:{port}"), "key")
    with pytest.raises(StudioError, match="in no public network") as error:
        away.ask("GET", "/health")
    assert not isinstance(error.value, Away)
    assert box.came == []


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_one_that_is_busy_is_asked_again_by_whoever_asks(
    box: Box, asks: Connection, status: int
) -> None:
    box.answers = [(status, {}, b'{"error": "starts"}')]
    with pytest.raises(Away, match=f"attic answers {status}: starts"):
        asks.ask("GET", "/health")


def test_a_refusal_is_told_with_its_words(box: Box, asks: Connection) -> None:
    told = json.dumps({"error": "The disk is full.", "remedy": "Make room."}).encode()
    box.answers = [(507, {}, told), (401, {}, b""), (404, {}, b"{}")]
    with pytest.raises(Refused, match="attic: The disk is full.") as error:
        asks.ask("POST", "/run", {})
    assert (error.value.status, error.value.remedy) == (507, "Make room.")
    with pytest.raises(Refused, match="attic does not take its key"):
        asks.ask("GET", "/health")
    assert client.status(asks, "a" * 32) is None


def test_nobody_there_is_away() -> None:
    gone = Connection(Address("attic", "http://127.0.0.1:9", PRIVATE), "key")
    with pytest.raises(Away, match="attic is not reached"):
        gone.ask("GET", "/health")


def test_what_comes_is_what_was_said_or_nothing_is_kept(
    box: Box, asks: Connection, tmp_path: Any
) -> None:
    body = b"another picture"
    box.answers = [(200, {}, body)]
    target = tmp_path / "a.png"
    with pytest.raises(StudioError, match=r"gave as a\.png is not what it said"):
        client.fetch(asks, "0" * 64, len(body), target)
    assert not target.exists()


def test_what_came_of_a_run_and_is_no_json_is_named(box: Box, asks: Connection) -> None:
    box.answers = [(200, {}, b"no json")]
    with pytest.raises(StudioError, match="does not say what came of it"):
        client.document(asks, hashlib.sha256(b"no json").hexdigest())
