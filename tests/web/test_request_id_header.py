"""One id from a request to its answer, its error page, its log and its job."""

import asyncio
import logging
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio import request_ids
from studio.accounts import refusal_log
from studio.jobs import queue
from studio.web import missing_pages
from studio.web.failures import Failures
from studio.web.guard import Guard
from studio.web.request_id_header import HEADER, RequestIds
from tests.web.guarded import AT, now


@pytest.fixture
def app(studio):
    def ask(request):
        asked = {"kind": "train", "lane": "work", "payload": {}, "asked_by": "Ana", "now": now()}
        return queue.submit(studio.engine, **asked)

    async def job(request):
        made = await asyncio.to_thread(ask, request)
        return JSONResponse({"job": made.id})

    async def fail(request):
        raise KeyError("nobody thought of it")

    async def missing(request):
        return missing_pages.answer("/nothing")

    routes = [Route("/job", job), Route("/fail", fail), Route("/{any:path}", missing)]
    return Starlette(
        routes=routes,
        middleware=[Middleware(RequestIds), Middleware(Failures)],
    )


@pytest.fixture
def client(app):
    return TestClient(app, AT)


def test_it_is_answered_and_kept_with_the_job(studio, client):
    answer = client.get("/job", headers={HEADER: "build-4711"})
    assert answer.headers[HEADER] == "build-4711"
    assert queue.get(studio.engine, answer.json()["job"]).request_id == "build-4711"


def test_a_new_one_is_made_where_none_or_a_strange_one_comes(studio, client):
    ids = set()
    for headers in ({}, {HEADER: "a b"}, {HEADER: b"\xff"}, {HEADER: "x" * 65}):
        answer = client.get("/job", headers=headers)
        ids.add(answer.headers[HEADER])
        job = queue.get(studio.engine, answer.json()["job"])
        assert job.request_id == answer.headers[HEADER]
    assert len(ids) == 4 and all(re.fullmatch("[0-9a-f]{16}", id) for id in ids)


def test_error_pages_show_it_and_so_does_the_log(client, caplog):
    before = logging.getLogRecordFactory()
    request_ids.in_logs()
    try:
        told = {HEADER: "build-4711", "accept": "text/html"}
        failed, missing = client.get("/fail", headers=told), client.get("/x", headers=told)
    finally:
        logging.setLogRecordFactory(before)
    for answer, status in ((failed, 500), (missing, 404)):
        assert answer.status_code == status and answer.headers[HEADER] == "build-4711"
        assert "Request build-4711" in answer.text
    assert any(row.getMessage().startswith("[build-4711] Error ") for row in caplog.records)


def test_a_refusal_is_logged_with_it(studio):
    async def never(scope, receive, send):
        raise AssertionError("nobody is let in")

    guarded = TestClient(RequestIds(Guard(never, lambda: studio)), AT)
    answer = guarded.get("/", headers={HEADER: "build-4711"})
    assert answer.status_code == 401 and answer.headers[HEADER] == "build-4711"
    assert refusal_log.newest(studio.home, 1)[0]["request"] == "build-4711"
