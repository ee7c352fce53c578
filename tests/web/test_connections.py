"""A connection that never finishes asking is closed, and one that asks is served."""

import asyncio

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from studio.web import connections

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _slow(request: Request) -> PlainTextResponse:
    await asyncio.sleep(0.5)  # longer than a head may take
    return PlainTextResponse("served")


async def _socket(websocket):
    await websocket.accept()
    await asyncio.sleep(0.5)
    await websocket.send_text("kept")
    await websocket.close()


@pytest.fixture
def served(monkeypatch):
    """Calls a coroutine with the port of a server on this protocol."""
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    app = Starlette(routes=[Route("/", _slow), WebSocketRoute("/socket", _socket)])
    named = "studio.web.connections:PatientConnection"
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=named, log_level="error"))

    def run(ask):
        async def main():
            serving = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            try:
                return await asyncio.wait_for(
                    ask(server.servers[0].sockets[0].getsockname()[1]), 60
                )
            finally:
                server.should_exit = True
                await serving

        return asyncio.run(main())

    return run


@pytest.mark.parametrize("begun", [b"", b"GET / HT", WHOLE[:-2], WHOLE[:-2] + b"X: y\r\n"])
def test_half_a_head_is_not_waited_for(served, begun):
    async def ask(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        return await reader.read()

    assert b"200" not in served(ask)


def test_a_drop_now_and_then_keeps_nothing_open(served):
    async def ask(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        closed = asyncio.create_task(reader.read())
        for sign in WHOLE[:-2] + b"X: y\r\n" * 100:
            writer.write(bytes([sign]))
            if (await asyncio.wait({closed}, timeout=0.02))[0]:
                return True

    assert served(ask)


@pytest.mark.slow
def test_whole_requests_and_websockets_take_their_time(served):
    async def ask(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        got = b""
        for _ in range(2):  # on one connection
            writer.write(WHOLE)
            while not got.endswith(b"served"):
                got += await reader.read(1000)
            got += b"|"
        other, upgrade = await asyncio.open_connection("127.0.0.1", port)
        upgrade.write(
            b"GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        return got, await other.read()

    got, told = served(ask)
    assert got.count(b"served") == 2 and b"101" in told and b"kept" in told
