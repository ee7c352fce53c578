"""Files that pages' own fields take: by size, by person, and only for one's own page."""

import asyncio
import tomllib

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.accounts import rights
from studio.accounts.rights import Actor
from studio.settings import CHECKOUT
from studio.web import streamlit_routes, upload_budget
from studio.web.failures import Failures
from studio.web.upload_budget import UploadBudget

FILES = "/_stcore/upload_file"


class As:
    """In the guard's place: whoever the header names."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        who = dict(scope.get("headers", ())).get(b"who")
        await self.app({**scope, "person": who.decode()} if who else scope, receive, send)


@pytest.fixture
def held():
    return {}


@pytest.fixture
def client(held, monkeypatch):
    monkeypatch.setattr(upload_budget, "FILE", 1000)
    monkeypatch.setattr(upload_budget, "FRAME", 24)
    monkeypatch.setattr(upload_budget, "PERSON", 3000)
    pages = {"anas": "Ana", "anas2": "Ana", "bos": "Bo"}

    async def put(request: Request) -> PlainTextResponse:
        session = request.path_params["session"]
        data = b"".join([piece async for piece in request.stream()])
        if session not in pages:
            return PlainTextResponse("no such session", 400)
        held[session] = held.get(session, 0) + len(data)
        return PlainTextResponse("kept")

    async def drop(request: Request) -> PlainTextResponse:
        held.pop(request.path_params["session"], None)
        return PlainTextResponse("gone")

    address = FILES + "/{session}/{file}"
    app = Starlette(
        routes=[Route(address, put, methods=["PUT"]), Route(address, drop, methods=["DELETE"])],
        middleware=[
            Middleware(As),
            Middleware(Failures),
            Middleware(UploadBudget, person_of=pages.get, held=lambda: held),
        ],
    )
    return TestClient(app)


def _put(client, session, size, who="Ana", chunked=False):
    body = (b"x" * 100 for _ in range(size // 100)) if chunked else b"x" * size
    return client.put(f"{FILES}/{session}/1", content=body, headers={"who": who})


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_has_a_size(client, held, chunked):
    assert _put(client, "anas", 1000, chunked=chunked).text == "kept"
    answer = _put(client, "anas", 1100, chunked=chunked)
    assert answer.status_code == 413 and "has more than" in answer.text
    assert held == {"anas": 1000}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_person_has_a_budget_on_all_pages_together(client, held, chunked):
    for session in ("anas", "anas2", "anas"):
        assert _put(client, session, 900, chunked=chunked).status_code == 200
    answer = _put(client, "anas2", 900, chunked=chunked)
    assert answer.status_code == 429 and "Take some away" in answer.text
    assert answer.headers["retry-after"]
    assert _put(client, "bos", 900, "Bo", chunked).status_code == 200  # nobody else's concern
    assert client.delete(f"{FILES}/anas/1", headers={"who": "Ana"}).text == "gone"
    assert _put(client, "anas2", 900, chunked=chunked).status_code == 200


def test_nothing_goes_to_somebody_elses_page(client, held):
    assert _put(client, "bos", 10).status_code == 403
    assert client.delete(f"{FILES}/bos/1", headers={"who": "Ana"}).status_code == 403
    assert _put(client, "nobodys", 10).status_code == 400
    assert held == {}


def test_what_is_on_its_way_counts_and_is_given_back(client, held):
    """Several at once, each within the budget alone."""
    inside = UploadBudget(_kept, person_of=lambda session: "Ana", held=dict)

    async def run():
        gate = asyncio.Event()

        async def send_one():
            async def receive():
                await gate.wait()
                return {"type": "http.request", "body": b"x" * 900}

            scope = {
                "type": "http",
                "method": "PUT",
                "path": f"{FILES}/anas/1",
                "person": "Ana",
                "headers": [(b"content-length", b"900")],
            }
            await inside(scope, receive, None)

        tasks = [asyncio.create_task(send_one()) for _ in range(5)]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(run())
    assert sum(one is None for one in found) == 3
    assert {one.status for one in found if one is not None} == {429}
    assert inside.arriving["Ana"] == 0


async def _kept(scope, receive, send):
    await receive()


def test_streamlit_itself_knows_the_size():
    told = tomllib.loads((CHECKOUT / ".streamlit/config.toml").read_text())
    assert told["server"]["maxUploadSize"] * 1024**2 == upload_budget.FILE


def test_streamlits_own_addresses_have_rights():
    rights.close_house(True)
    try:
        for method in ("PUT", "DELETE"):
            with pytest.raises(rights.NotAllowed, match="artists"):
                streamlit_routes.check(Actor("Vi", "viewer"), method, f"{FILES}/x/y")
            assert streamlit_routes.check(Actor("Ana", "artist"), method, f"{FILES}/x/y")
        with pytest.raises(rights.NotAllowed):
            streamlit_routes.check(Actor("Ana", "artist"), "GET", "/_stcore/metrics")
        for path in ("/_stcore/agent/interact", "/_stcore/agent/mcp", "/_stcore/agent"):
            assert not streamlit_routes.check(Actor("Ada", "admin"), "POST", path)
        for path in ("/_stcore/stream", "/media/x.png", "/component/x/y", "/static/js/x.js", "/"):
            assert streamlit_routes.check(Actor("Vi", "viewer"), "GET", path)
    finally:
        rights.close_house(False)
