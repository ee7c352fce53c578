"""What an answer says of itself to browsers."""

import base64
import hashlib
import re

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.web import forms, headers, index_html
from studio.web.headers import Policy


def policy(path, kind="text/html; charset=utf-8", own=""):
    given = {"content-type": kind} | ({"content-security-policy": own} if own else {})
    told = headers.headers_for(path, Headers(given))["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in told.split("; ")}


def test_a_page_runs_the_scripts_that_stand_in_it_and_no_others():
    allowed = policy("/Vote")["script-src"]
    for page in (index_html.plain(), index_html.ready(index_html.plain())):
        found = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", page.decode(), re.DOTALL)
        assert found
        for script in found:
            hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{hash}'" in allowed
        assert not re.search(r"\son\w+=", page.decode())  # no script as an attribute
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"} & set(allowed)
    assert policy("/Vote")["object-src"] == policy("/Vote")["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "text/javascript", "text/xml", ""])
@pytest.mark.parametrize("path", ["/media/a.html", "/picture/made/1", "/download/assets/1"])
def test_in_what_people_brought_nothing_runs(path, kind):
    told = policy(path, kind)
    assert told["default-src"] == ["'none'"] and "script-src" not in told and "sandbox" in told


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/plain", "application/json", "text/xml"])
def test_nothing_runs_in_what_is_no_page(kind):
    assert policy("/app/static/x", kind)["default-src"] == ["'none'"]


def test_mlflows_pages_may_frame_what_a_run_brought_and_nothing_else_may():
    assert policy("/mlflow/")["frame-ancestors"] == ["'self'"]
    assert policy("/mlflow/")["script-src"] == ["'self'", "'unsafe-eval'"]
    brought = policy("/mlflow/get-artifact", own="sandbox")
    assert brought == {"sandbox": [], "frame-ancestors": ["'self'"]}
    assert policy("/mlflowish")["frame-ancestors"] == ["'none'"]


def test_each_header_is_there_once_and_an_answers_own_policy_stays():
    page = forms.answer("x")
    own = {"x-frame-options": "ALLOWALL", "referrer-policy": "unsafe-url"}
    routes = [
        Route("/form", lambda request: page),
        Route("/own", lambda request: PlainTextResponse("x", headers=own)),
        Route("/html", lambda request: HTMLResponse("x")),
        Route("/none", lambda request: Response(status_code=204)),
    ]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(Policy)]))
    for path in ("/form", "/own", "/html", "/none", "/missing"):
        told = client.get(path).headers
        for name, value in {**headers.ALWAYS, "X-Frame-Options": "DENY"}.items():
            assert told.get_list(name) == [value], (path, name)
        assert len(told.get_list("content-security-policy")) == 1
    form = client.get("/form").headers["content-security-policy"]
    assert form == page.headers["content-security-policy"]
