"""`/metrics`: for a token that was made for it, which opens nothing else, and for producers."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.accounts import people, refusal_log, tokens
from studio.web import metrics_route, session, sign_in
from studio.web.failures import Failures
from studio.web.guard import Guard
from tests.web.guarded import AT, SECRET, now, signed_in, studio_in


@pytest.fixture
def client(studio):
    async def told(request):
        return PlainTextResponse("in")

    routes = [
        *metrics_route.ROUTES,
        *sign_in.ROUTES,
        Route("/{any:path}", told, methods=["GET", "POST"]),
    ]
    middleware = [Middleware(Failures), Middleware(Guard, studio=lambda: session.studio())]
    people.add(studio.engine, "Pia", "producer", by="x", now=now(), password=SECRET)
    return TestClient(Starlette(routes=routes, middleware=middleware), AT, follow_redirects=False)


def _bearer(studio, name, role, scope=""):
    asked = {"label": "prometheus", "days": 1, "by": "x", "now": now(), "scope": scope}
    made, secret = tokens.make(studio.engine, name, role, **asked)
    return made, {"authorization": f"Bearer {secret}"}


def test_a_token_for_metrics_opens_them_alone(studio, client):
    made, scoped = _bearer(studio, "Pia", "producer", "metrics")
    answer = client.get("/metrics", headers=scoped)
    assert answer.status_code == 200 and "housestyle_queue_jobs gauge" in answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    for method, path in (("GET", "/"), ("GET", "/metrics/"), ("POST", "/x")):
        refused = client.request(method, path, headers=scoped)
        assert (refused.status_code, refused.text) == (403, "Refused: a token for metrics only.")
    assert refusal_log.newest(studio.home, 1)[0]["what"] == "a token for metrics only"
    tokens.withdraw(studio.engine, made.id, by="x", now=now())
    assert client.get("/metrics", headers=scoped).status_code == 401


def test_without_a_token_or_with_another_they_are_refused(studio, client):
    assert client.get("/metrics").status_code == 401
    for name, role in (("Ana", "artist"), ("Pia", "viewer")):
        _, other = _bearer(studio, name, role)
        assert client.get("/metrics", headers=other).status_code == 403
        assert client.get("/", headers=other).text == "in"
    _, whole = _bearer(studio, "Pia", "producer")
    assert client.get("/metrics", headers=whole).status_code == 200


def test_a_token_loses_them_with_its_owners_role(studio, client):
    _, scoped = _bearer(studio, "Pia", "producer", "metrics")
    people.set_role(studio.engine, "Pia", "artist", before="producer", by="x", now=now())
    assert client.get("/metrics", headers=scoped).status_code == 403


def test_a_browser_sees_them_as_a_producer(client):
    assert signed_in(client, "Pia").status_code == 303
    assert client.get("/metrics").status_code == 200


def test_where_nobody_signs_in_they_are_open(client, tmp_path, monkeypatch):
    alone = studio_in(tmp_path / "alone")
    monkeypatch.setattr(session, "studio", lambda: alone)
    local = TestClient(client.app, "http://localhost:8501")
    assert local.get("/metrics").status_code == 200
    assert local.get("/metrics", headers={"host": "evil.test"}).status_code == 403
    alone.engine.dispose()
