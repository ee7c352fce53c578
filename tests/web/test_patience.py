"""Who keeps a connection and sends nothing gives it back."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect

from studio.api.trouble import Refused
from studio.web import patience
from studio.web.failures import Failures
from studio.web.patience import Patience


async def _never():
    await asyncio.Event().wait()


def _pieces(*pieces, pause=0.0):
    waiting = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]

    async def receive():
        await asyncio.sleep(pause)
        return waiting.pop(0) if waiting else await _never()

    return receive


async def _read(receive):
    got = b""
    while True:
        message = await receive()
        got += message["body"]
        if not message.get("more_body"):
            return got


def test_a_body_that_stops_is_refused_and_one_that_comes_is_read(monkeypatch):
    monkeypatch.setattr(patience, "GRACE_S", 0.2)
    whole = patience.paced(_pieces(b"a" * 500, b"b"))
    assert asyncio.run(_read(whole)) == b"a" * 500 + b"b"
    with pytest.raises(Refused) as refused:
        asyncio.run(_read(patience.paced(_never)))
    assert refused.value.status == 408


def test_drops_do_not_keep_a_connection(monkeypatch):
    monkeypatch.setattr(patience, "GRACE_S", 0.2)
    drops = patience.paced(_pieces(*[b"x"] * 100, pause=0.02))
    with pytest.raises(Refused):
        asyncio.run(_read(drops))
    monkeypatch.setattr(patience, "SLOWEST", 10)  # a slow line, and fast enough
    assert len(asyncio.run(_read(patience.paced(_pieces(*[b"x"] * 30, pause=0.02))))) == 30


def test_much_that_came_fast_buys_no_long_pause(monkeypatch):
    monkeypatch.setattr(patience, "PAUSE_S", 0.2)
    waiting = [{"type": "http.request", "body": b"x" * 10_000_000, "more_body": True}]

    async def receive():
        return waiting.pop() if waiting else await _never()

    with pytest.raises(Refused):
        asyncio.run(_read(patience.paced(receive)))


def test_after_the_body_waiting_is_for_somebody_to_leave(monkeypatch):
    monkeypatch.setattr(patience, "GRACE_S", 0.05)

    async def run():
        receive = patience.paced(_pieces(b"all"))
        await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.3)

    asyncio.run(run())


def test_an_answer_that_nobody_takes_ends(monkeypatch):
    monkeypatch.setattr(patience, "TAKING_S", 0.05)

    async def stuck(message):
        await _never()

    with pytest.raises(ClientDisconnect):
        asyncio.run(patience.taken(stuck)({"type": "http.response.body"}))


def test_it_is_said_as_408(monkeypatch):
    monkeypatch.setattr(patience, "GRACE_S", 0.05)
    sent = []

    async def app(scope, receive, send):
        await _read(receive)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "PUT", "path": "/upload/x", "headers": []}
    asyncio.run(Failures(Patience(app))(scope, _never, send))
    assert sent[0]["status"] == 408 and b"did not arrive in time" in sent[1]["body"]


def test_a_websocket_says_at_once_what_it_wants(monkeypatch):
    monkeypatch.setattr(patience, "GRACE_S", 0.1)
    sent = []

    def socket(*messages):
        waiting = list(messages)

        async def receive():
            return waiting.pop(0) if waiting else await _never()

        return receive

    async def send(message):
        sent.append(message)

    async def run(receive, count):
        got = patience.begun(receive, send)
        return [(await got())["type"] for _ in range(count)]

    word = {"type": "websocket.receive", "bytes": b"x"}
    assert asyncio.run(run(socket({"type": "websocket.connect"}), 2))[1] == "websocket.disconnect"
    assert sent == [{"type": "websocket.close", "code": 1008}]

    async def quiet_later():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run(socket({"type": "websocket.connect"}, word), 3), 0.5)

    asyncio.run(quiet_later())
    assert len(sent) == 1
