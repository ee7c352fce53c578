"""Who may call, how often, and in which words a call is refused."""

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from studio.accounts import people, sessions
from studio.api.rates import Rates
from studio.web.session import COOKIE
from tests.api.asked import NAMES, Programs, programs
from tests.web.guarded import AT, studio_in


def problem(answer, status: int, kind: str):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["type"] == f"urn:housestyle:problem:{kind}" and said["status"] == status
    assert said["detail"] and "Traceback" not in answer.text
    return said


def test_a_token_says_who_calls_and_what_they_may(plain: Programs):
    said = plain.get("/me", "artist").json()
    assert (said["name"], said["role"]) == (NAMES["artist"], "artist")
    assert "generate" in said["rights"] and "promote" not in said["rights"]


def test_without_a_token_that_holds_nobody_calls(plain: Programs):
    for headers in ({}, {"Authorization": "Bearer hs_x"}, {"Authorization": "Basic eDp4"}):
        answer = plain.browser.get("/api/v1/me", headers={"accept": "text/html", **headers})
        said = problem(answer, 401, "not-signed-in")
        assert answer.headers["www-authenticate"] == "Bearer" and "token" in said["remedy"]


def test_a_browsers_cookie_may_look_at_the_description_and_do_nothing(plain: Programs):
    engine, now = plain.studio.engine, datetime.now(UTC)
    ana = people.named(engine, NAMES["admin"])
    cookie = {COOKIE: sessions.begin(engine, ana.id, browser="x", now=now)}
    browser = TestClient(plain.browser.app, base_url=AT, cookies=cookie)
    here = {"origin": AT}
    asked = [("GET", "/me"), ("POST", "/uploads"), ("GET", "/nothing")]
    for method, path in [*asked, ("GET", "/styles/openapi.json"), ("GET", "/jobs/openapi.json")]:
        answer = browser.request(method, f"/api/v1{path}", headers=here)
        problem(answer, 401, "not-signed-in")
    assert not list((plain.studio.home / "uploads").glob("*"))
    assert browser.get("/api/v1/openapi.json").json()["info"]["title"] == "Housestyle"
    elsewhere = browser.post("/api/v1/uploads", headers={"origin": "https://evil.test"})
    problem(elsewhere, 403, "not-allowed")


def test_without_sign_in_the_one_person_needs_no_token(tmp_path):
    studio = studio_in(tmp_path, user="ana")
    here = {"host": "localhost:8501"}
    with programs(studio) as made:
        alone = made.browser
        assert alone.get("/api/v1/me", headers=here).json()["name"] == "ana"
        assert alone.post("/api/v1/uploads", headers=here).status_code == 201
        evil = {**here, "origin": "http://evil.test", "content-type": "text/plain"}
        problem(alone.post("/api/v1/uploads", headers=evil), 403, "not-allowed")
        problem(alone.get("/api/v1/me", headers={"host": "evil.test"}), 403, "not-allowed")
    studio.engine.dispose()


def test_a_role_that_may_not_is_told_who_may(plain: Programs):
    said = problem(plain.post("/uploads", "viewer"), 403, "not-allowed")
    assert "artists" in said["remedy"] and said["instance"] == "/api/v1/uploads"


def test_what_no_route_answers_is_a_problem(plain: Programs):
    problem(plain.get("/nothing"), 404, "not-found")
    bearer = {"authorization": f"Bearer {plain.tokens['viewer']}"}
    for path in ("/api/styles", "/api/v2/styles", "/api/v1x"):
        said = problem(plain.browser.get(path, headers=bearer), 404, "not-found")
        assert "/api/v1/openapi.json" in said["remedy"] and said["instance"] == path
    problem(plain.get("/palettes/a%0Ab"), 404, "not-found")
    problem(plain.get("/styles/"), 404, "not-found")
    problem(plain.get("/jobs/x"), 404, "not-found")
    problem(plain.get(f"/jobs/{2**31}"), 404, "not-found")
    problem(plain.get("/jobs/%00"), 400, "bad-request")
    wrong = plain.ask("DELETE", "/me")
    problem(wrong, 405, "wrong-method")
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "kind", "status", "name"),
    [
        (b"{", "application/json", 400, "bad-request"),
        (b"\xff", "application/json", 400, "bad-request"),
        (b"[" * 100_000, "application/json", 400, "bad-request"),
        (b"{}", "application/json", 422, "refused"),
        (b"[]", "application/json", 422, "refused"),
        (b'{"verdict": NaN, "assets": {}}', "application/json", 422, "refused"),
        (b'{"verdict": null, "assets": {"a": 0}}', "text/plain", 415, "wrong-type"),
        (b'{"verdict": null, "assets": {"a": 0}}', "", 415, "wrong-type"),
        (b'{"verdict": null, "assets": {"\\ud800": 0}}', "application/json", 422, "refused"),
        (b'{"verdict": null, "assets": {"\xed\xa0\x80": 0}}', "application/json", 422, "refused"),
        (
            '{"verdict": null, "assets": {"\\u0000": 0}}'.encode("utf-16"),
            "application/json",
            422,
            "refused",
        ),
        (b" " * 5_000_001, "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_can_not_be_is_told(plain: Programs, body, kind, status, name):
    headers = {"content-type": kind} if kind else {}
    said = problem(plain.post("/verdicts", content=body, headers=headers), status, name)
    assert said["remedy"]
    if body in (b"{}", b"[]"):
        assert said["errors"][0]["where"].startswith("body")


def test_a_token_has_its_calls_of_a_minute(tmp_path):
    studio = studio_in(tmp_path, sign_in="local", address=AT, most_calls="3")
    with programs(studio) as made:
        left = [made.get("/me") for _ in range(4)]
        assert made.get("/me", "artist").status_code == 200  # another token
    assert [one.status_code for one in left] == [200, 200, 200, 429]
    assert [one.headers["x-ratelimit-remaining"] for one in left] == ["2", "1", "0", "0"]
    assert {one.headers["x-ratelimit-limit"] for one in left} == {"3"}
    problem(left[3], 429, "too-many-calls")
    assert 1 <= int(left[3].headers["retry-after"]) <= 20
    studio.engine.dispose()


def test_calls_that_were_not_made_fill_up_evenly():
    rates = Rates()
    assert [rates.take("a", 60, 0.0).calls for _ in range(3)] == [59, 58, 57]
    assert rates.take("a", 60, 2.0).calls == 58
    for _ in range(58):
        assert rates.take("a", 60, 2.0).allowed
    spent = rates.take("a", 60, 2.0)
    assert not spent.allowed and spent.next_s == pytest.approx(1) and spent.full_s == 60
    assert rates.take("a", 60, 3.0).allowed and not rates.take("a", 60, 3.0).allowed
    assert rates.take("b", 60, 3.0).calls == 59
    assert rates.take("a", 60, 1_000.0).calls == 59
