"""/mcp behind the guard, by mcp's own client: tokens, roles, hosts, both generations of MCP."""

import asyncio
import json

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from studio.accounts import people, refusal_log, sessions, tokens
from studio.accounts.rights import Actor
from studio.api import bodies, jobs
from studio.api.door import Door
from studio.api.mcp.over_http import Endpoint
from studio.api.mcp.tool_table import TOOLS
from studio.jobs import queue
from studio.web import session
from studio.web.failures import Failures
from studio.web.guard import Guard
from studio.web.headers import Policy
from tests.web.guarded import AT, logged, now, studio_in

ADMIN = Actor("x", "admin")
LISTED = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
JSON = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = tmp_path_factory.mktemp("door")
    made = studio_in(home, sign_in="local", address=AT)
    refusal_log.keep(home)
    for name, role in (("Ana", "artist"), ("Bo", "producer")):
        people.add(made.engine, name, role, by=ADMIN, now=now(), password="three or four words")
    yield made
    refusal_log.keep(None)
    made.engine.dispose()


def token_of(studio, name="Ana", role="artist"):
    made, secret = tokens.make(
        studio.engine, name, role, label="assistant", days=1, by=ADMIN, now=now()
    )
    return made, {"authorization": f"Bearer {secret}"}


def app_of(studio, endpoint):
    guards = [Middleware(Policy), Middleware(Failures), Middleware(Guard, studio=lambda: studio)]
    return Starlette(routes=[Route("/mcp", Door(endpoint, lambda: studio))], middleware=guards)


def within(studio, use):
    """What `use` makes of the app while its endpoint is open."""
    endpoint = Endpoint(lambda: studio)

    async def run():
        async with endpoint.open():
            return await use(app_of(studio, endpoint))

    return asyncio.run(run())


def reached(app, headers, at=AT):
    """A way to the app with these headers."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url=at, headers=headers, timeout=60
    )


async def connected(app, headers, use, mode="auto"):
    async with reached(app, headers) as http:
        async with Client(streamable_http_client(f"{AT}/mcp", http_client=http), mode=mode) as one:
            return await use(one)


def posted(studio, headers, body=None, method="POST", at=AT):
    """The answer to one request, sent by hand."""
    content = json.dumps(LISTED).encode() if body is None else body

    async def use(app):
        async with reached(app, {**JSON, **headers}, at) as http:
            return await http.request(method, "/mcp", content=content)

    return within(studio, use)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_token_acts_as_its_person_with_its_role(studio, mode):
    async def use(client):
        listed = {one.name for one in (await client.list_tools()).tools}
        return client.protocol_version, listed, await client.call_tool("get_status", {})

    def of(role):
        _, bearer = token_of(studio, "Bo", role)
        return within(studio, lambda app: connected(app, bearer, use, mode))

    version, listed, told = of("viewer")
    assert version == ("2026-07-28" if mode == "auto" else "2025-11-25")
    assert listed == {name for name, tool in TOOLS.items() if tool.right == "look"}
    said = told.structured_content
    assert (said["name"], said["role"]) == ("Bo", "viewer") and "generate" not in said["rights"]
    _, listed, _ = of("artist")
    assert listed == set(TOOLS)


def test_who_has_no_token_that_holds_is_told_to_bring_one(studio):
    opened = sessions.begin(
        studio.engine, people.named(studio.engine, "Ana").id, browser="x", now=now()
    )
    cookie = {"cookie": f"{session.COOKIE}={opened}", "origin": AT}
    for headers in (
        {},
        {"authorization": "Bearer hs_forged"},
        {"authorization": "Basic x"},
        cookie,
    ):
        answer = posted(studio, headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["type"].endswith("not-signed-in") and answer.json()["remedy"]
    assert logged(studio)["asked"] == "POST /mcp"


def test_a_token_that_is_withdrawn_in_the_middle_is_good_for_nothing(studio):
    made, bearer = token_of(studio)

    async def use(client):
        assert not (await client.call_tool("get_status", {})).is_error
        tokens.withdraw(studio.engine, made.id, by=ADMIN, now=now())
        with pytest.raises(MCPError):
            await client.call_tool("get_status", {})

    within(studio, lambda app: connected(app, bearer, use))


def test_a_token_that_is_withdrawn_while_it_waits_is_told_no_more(studio):
    made, bearer = token_of(studio)
    how = {"lane": "short", "payload": {"dataset": "x"}, "asked_by": "Ana", "now": now()}
    job = queue.submit(studio.engine, kind="look", **how)

    async def use(client):
        waiting = asyncio.create_task(client.call_tool("wait_for_job", {"job": job.id, "wait": 1}))
        while not jobs._waiting:
            await asyncio.sleep(0.01)
        tokens.withdraw(studio.engine, made.id, by=ADMIN, now=now())
        return await waiting

    told = within(studio, lambda app: connected(app, bearer, use))
    assert told.is_error and "withdrawn while the call ran" in told.content[0].text
    assert queue.get(studio.engine, job.id).state == "queued"  # it goes on
    queue.cancel(studio.engine, job.id, ADMIN, now())


def test_calls_by_another_name_or_from_another_site_are_refused(studio):
    _, bearer = token_of(studio)
    assert posted(studio, bearer, at="http://evil.test").status_code == 403
    assert posted(studio, {**bearer, "origin": "http://evil.test"}).status_code == 403
    assert posted(studio, {**bearer, "sec-fetch-site": "cross-site"}).status_code == 403
    # Addresses in numbers, and what runs on the studio's own machine.
    for at in ("http://192.168.0.7:8501", "http://localhost:8501", AT):
        answer = posted(studio, bearer, at=at)
        assert answer.status_code == 200, at
        assert {one["name"] for one in answer.json()["result"]["tools"]} == set(TOOLS)
        assert answer.headers["content-type"] == "application/json"
        assert "mcp-session-id" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD", "OPTIONS"])
def test_there_is_nothing_but_post(studio, method):
    _, bearer = token_of(studio)
    answer = posted(studio, {**bearer, "origin": AT}, b"", method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"generate","arguments":%s}}'


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"jsonrpc":"2.0","id":1,"method":"nothing"}', {}, 200),
        (b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}', {}, 400),
        (b'{"jsonrpc":"2.0","method":"notifications/initialized"}', {}, 202),
        (b"{}", {"content-type": "text/plain"}, 400),
        (b"{}", {"accept": "text/html"}, 406),
        (b" " * 5_000_000, {}, 413),
        (CALL % b'{"prompt":"\\ud800","style":"props"}', {}, None),
        (CALL % b'{"prompt":"a","style":"props","guidance":1e999}', {}, None),
        (CALL % b'{"prompt":"a","style":"props","seed":%s}' % (b"9" * 5_000), {}, None),
        (CALL % b'"x"', {}, 200),
        (b"\xff\xfe", {}, 400),
        (None, {"mcp-protocol-version": "2031-01-01"}, 400),
        (None, {"mcp-session-id": "x"}, 200),
    ],
)
def test_odd_messages_are_answered_and_harm_nothing(studio, body, headers, status):
    _, bearer = token_of(studio)
    answer = posted(studio, {**bearer, **headers}, body)
    assert answer.status_code in ((200, 400) if status is None else (status,)), answer.text
    assert "Traceback" not in answer.text and "site-packages" not in answer.text
    if body is not None and body.startswith(CALL[:60]):
        told = answer.json()
        assert "error" in told or told["result"]["isError"]


def test_a_person_s_messages_hold_so_much_memory_at_once(studio, monkeypatch):
    _, bearer = token_of(studio)
    monkeypatch.setattr(bodies, "PERSON", 10)
    answer = posted(studio, bearer)
    assert answer.status_code == 429 and answer.headers["retry-after"]
    assert answer.json()["type"].endswith("too-many-calls") and not bodies._held


def test_many_at_once_are_each_answered_as_themselves(studio):
    bearers = {name: token_of(studio, name, "viewer")[1] for name in ("Ana", "Bo")}

    async def names(client):
        told = [await client.call_tool("get_status", {}) for _ in range(3)]
        return {one.structured_content["name"] for one in told}

    async def use(app):
        asked = [connected(app, bearers[name], names) for name in ("Ana", "Bo") * 4]
        return await asyncio.gather(*asked)

    assert within(studio, use) == [{"Ana"}, {"Bo"}] * 4


def test_before_the_studio_is_open_it_says_so(studio):
    _, bearer = token_of(studio)

    async def run():
        app = app_of(studio, Endpoint(lambda: studio))
        async with reached(app, {**JSON, **bearer}) as http:
            return await http.post("/mcp", json=LISTED)

    answer = asyncio.run(run())
    assert answer.status_code == 503 and answer.headers["retry-after"]


def test_a_token_makes_so_many_calls_a_minute(tmp_path):
    made = studio_in(tmp_path, sign_in="local", address=AT, most_calls="2")
    people.add(made.engine, "Ana", "artist", by=ADMIN, now=now(), subject="ana")
    _, bearer = token_of(made)

    async def use(app):
        async with reached(app, {**JSON, **bearer}) as http:
            return [(await http.post("/mcp", json=LISTED)).status_code for _ in range(3)]

    assert within(made, use) == [200, 200, 429]
    made.engine.dispose()


def test_without_sign_in_it_is_whose_machine_it_is(tmp_path):
    made = studio_in(tmp_path, user="dee")
    here = "http://localhost:8501"

    async def use(app):
        async with reached(app, JSON, here) as http:
            call = {**LISTED, "method": "tools/call", "params": {"name": "get_status"}}
            own = await http.post("/mcp", json=call)
            other = await http.post("/mcp", json=call, headers={"origin": "http://evil.test"})
            return own.json()["result"]["structuredContent"], other.status_code

    said, status = within(made, use)
    assert (said["name"], said["role"], status) == ("dee", "", 403)
    assert "manage people" in said["rights"]
    made.engine.dispose()
