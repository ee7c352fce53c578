"""The whole web app where people sign in: each of its routes, and pages as each role sees them."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from studio import context
from studio.accounts import passwords, people, refusal_log, rights, tokens
from studio.accounts.rights import ROLES, Actor, may
from studio.database import engine as db
from studio.datasets.versions import load
from studio.errors import StudioError
from studio.review import blinding
from studio.web import asgi, session, ui
from studio.web.session import COOKIE
from studio.webhooks import hooks
from studio.workflows import review_sources

AT = "http://127.0.0.1:8501"
SECRET = "three or four words"
OPEN = {"/healthz", "/sign-in", "/sign-out"}


@pytest.fixture
def team(fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[context.Studio]:
    """The sample's studio with a person of each role, named after it."""
    shutil.copytree(fresh, tmp_path / "home")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_SIGN_IN", "local")
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()
    opened = session.studio()
    for role in ROLES:
        people.add(
            opened.engine, role, role, by=Actor("x", "admin"), now=context.now(), password=SECRET
        )
    yield opened
    opened.engine.dispose()
    rights.close_house(False)
    refusal_log.keep(None)
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def browser() -> TestClient:
    return TestClient(asgi.app, base_url=AT, follow_redirects=False)


def _sign_in(browser: TestClient, name: str) -> None:
    answer = browser.post(
        "/sign-in", data={"name": name, "password": SECRET}, headers={"origin": AT}
    )
    assert answer.status_code == 303


def test_no_route_of_the_app_answers_without_sign_in(team, browser):
    assert browser.get("/").status_code == 401
    every = [route for route in asgi.app._starlette_app.routes if hasattr(route, "path")]
    assert len(every) > 25
    for route in every:
        path = re.sub(r"\{[^}]*:int\}", "1", route.path)
        path = re.sub(r"\{[^}]*\}", "x", path)
        for method in getattr(route, "methods", None) or {"GET"}:
            if path not in OPEN:
                answer = browser.request(method, path, headers={"origin": AT})
                assert answer.status_code == 401, (method, path)


def test_routes_by_role_with_a_session_and_with_a_token(team, browser):
    known = load(team.home, "sample")
    picture = f"/picture/data/{known.pictures[0].hash}"
    for role in ROLES:
        browser.cookies.clear()
        _sign_in(browser, role)
        assert browser.get(picture).status_code == 200
        assert browser.get(f"/download/data/sample/{known.version}").status_code == 200
        sent = {"origin": AT, "x-housestyle": "1"}
        wanted = 200 if may(role, "edit datasets") else 403
        answer = browser.post("/upload", headers=sent)
        assert answer.status_code == wanted, role
        if wanted == 200:
            token = answer.json()["token"]
        else:
            assert (
                answer.json()["remedy"] == "This is for artists, art leads, producers and admins."
            )
    browser.cookies.clear()
    _sign_in(browser, "viewer")
    put = browser.put(f"/upload/{token}?name=a.png&size=1", content=b"x", headers={"origin": AT})
    assert put.status_code == 403 and refusal_log.newest(team.home, 1)[0]["who"] == "viewer"
    browser.cookies.clear()
    admin = Actor("admin", "admin")
    for role in ROLES:
        _, secret = tokens.make(
            team.engine, "admin", role, label="x", days=1, by=admin, now=context.now()
        )
        sent = {"authorization": f"Bearer {secret}", "x-housestyle": "1"}
        assert browser.get(picture, headers=sent).status_code == 200
        wanted = 200 if may(role, "edit datasets") else 403
        assert browser.post("/upload", headers=sent).status_code == wanted


def test_a_picture_to_judge_is_for_the_one_whom_it_was_made_for(team, browser, monkeypatch):
    monkeypatch.setattr(review_sources.rating_rounds, "picture", lambda *_: b"pixels")
    monkeypatch.setattr(review_sources.votes, "picture", lambda *_: b"pixels")
    address = blinding.address(blinding.secret(team.engine), "artist", "p", 1, "l")
    _sign_in(browser, "artist")
    assert browser.get(f"/picture/side/{address}").content == b"pixels"
    assert browser.get(f"/picture/side/{address[:-2]}xx").status_code == 404
    browser.cookies.clear()
    _sign_in(browser, "admin")
    assert browser.get(f"/picture/side/{address}").status_code == 404
    told = refusal_log.newest(team.home, 1)[0]
    assert told["who"] == "admin" and "not made for them" in told["what"]


def _as(monkeypatch, role):
    monkeypatch.setattr(ui, "person", lambda: Actor(role, role))


def _button(at, label):
    return next(one for one in at.button if one.label == label)


@pytest.mark.parametrize("role", ROLES)
def test_pages_disable_what_a_role_may_not_do_and_say_who_may(team, open_as, monkeypatch, role):
    _as(monkeypatch, role)
    at = open_as("Rate")
    told = " ".join(c.value for c in at.caption)
    assert any(b.label == "Save rubric" for b in at.button) is may(role, "change rubrics")
    only = "Rubrics are changed by art leads, producers and admins."
    assert (only in told) is not may(role, "change rubrics")
    at = open_as("Datasets", tab="Add")
    told = " ".join(i.value for i in at.info)
    assert ("Pictures are brought in by artists" in told) is not may(role, "edit datasets")
    said = " ".join(c.value for c in open_as("Admin", show="Settings").caption)
    assert ("Settings are shown to producers and admins." in said) is not may(role, "see settings")
    at = open_as("Admin", show="People")
    said = " ".join(c.value for c in at.caption)
    assert ("People are managed by admins." in said) is not may(role, "manage people")
    assert any(b.label == "Deactivate" for b in at.button) is may(role, "manage people")
    said = " ".join(c.value for c in open_as("You").caption)
    assert ("Tokens are for artists" in said) is not may(role, "make tokens")
    assert ("Webhooks are for artists" in said) is not may(role, "make webhooks")


@pytest.fixture
def open_as(monkeypatch):
    from zoneinfo import ZoneInfo

    from streamlit.testing.v1 import AppTest

    from studio.settings import CHECKOUT

    monkeypatch.setattr(ui, "clock", lambda: ZoneInfo("UTC"))

    def opened(name, **query):
        at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120)
        at.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, [e.value for e in at.exception]
        return at

    return opened


@pytest.mark.slow
def test_an_admin_adds_and_keeps_out_people_on_the_page(team, open_as, monkeypatch):
    _as(monkeypatch, "admin")
    at = open_as("Admin", show="People")
    at.text_input(key="person-name").set_value("Cy <b>")
    at.text_input(key="person-password").set_value(SECRET)
    _button(at, "Add").click().run()
    assert "person's name" in at.error[0].value and "<b>" not in at.error[0].value
    at.text_input(key="person-name").set_value("Cy")
    at.text_input(key="person-password").set_value(SECRET)
    at.selectbox(key="person-role").set_value("art lead")
    _button(at, "Add").click().run()
    assert people.named(team.engine, "Cy").role == "art lead"
    at = open_as("Admin", show="People", person="Cy")
    assert any(e.label == "What Cy, art lead, may do" for e in at.expander)
    other = at.text_input(key=f"password-of-{people.named(team.engine, 'Cy').id}")
    other.set_value("five new words for Cy").run()
    at.selectbox(key="person").set_value("viewer").run()
    # What was typed for one person is never set for another.
    fields = [field for field in at.text_input if str(field.key).startswith("password-of-")]
    assert [field.value for field in fields] == [""]
    at.selectbox(key="person").set_value("Cy").run()
    _button(at, "Deactivate").click().run()
    assert people.named(team.engine, "Cy").shut and "deactivated" in at.success[0].value
    assert any("can't sign in" in m.value for m in at.markdown)


def test_ones_own_page_makes_a_token_once_and_changes_the_password(team, open_as, monkeypatch):
    _as(monkeypatch, "artist")
    at = open_as("You")
    assert list(at.selectbox(key="token-role").options) == ["viewer", "artist"]
    at.text_input(key="token-label").set_value("nightly")
    _button(at, "Make a token").click().run()
    secret = at.code[0].value
    assert tokens.find(team.engine, secret, context.now()).role == "artist"
    at.run()
    assert not at.code
    at.text_input(key="password-old").set_value("wrong")
    for key in ("new", "again"):
        at.text_input(key=f"password-{key}").set_value("four new words here")
    _button(at, "Change it").click().run()
    assert "old password" in at.error[0].value
    at.text_input(key="password-old").set_value(SECRET)
    _button(at, "Change it").click().run()
    assert not at.error
    assert passwords.fits(people.password_hash(team.engine, "artist"), "four new words here")


def test_ones_own_page_makes_a_webhook_of_a_token_and_one_for_metrics(team, open_as, monkeypatch):
    _as(monkeypatch, "producer")
    producer, now = Actor("producer", "producer"), context.now()
    asked = {"label": "engine", "days": 9, "by": producer, "now": now}
    token, _ = tokens.make(team.engine, "producer", "producer", **asked)
    at = open_as("You")
    at.text_input(key="webhook-url").set_value("https://93.184.216.34/")
    at.selectbox(key="webhook-token").set_value(token.id)
    _button(at, "Make a webhook").click().run()
    (made,) = hooks.listing(team.engine, "producer")
    assert made.token == token.id and at.code[0].value.startswith("whsec_")
    assert any("jobs of the token engine" in m.value.replace("\\", "") for m in at.markdown)
    at.text_input(key="token-label").set_value("prometheus")
    at.selectbox(key="token-scope").set_value("metrics")
    _button(at, "Make a token").click().run()
    assert tokens.find(team.engine, at.code[0].value, context.now()).scope == "metrics"
    _as(monkeypatch, "artist")
    at = open_as("You")
    assert "token-scope" not in [box.key for box in at.selectbox]
    said = " ".join(m.value for m in at.markdown).replace("\\", "")
    assert "93.184" not in said  # everybody sees their own


def test_the_person_of_a_page_is_whose_session_it_is(team, browser, monkeypatch):
    _sign_in(browser, "producer")

    class Context:
        cookies = {COOKIE: browser.cookies[COOKIE], "housestyle_name": "admin"}

    monkeypatch.setattr(ui.st, "context", Context)
    found = ui.person()
    assert (found, found.role) == ("producer", "producer")
    assert ui.may("promote") and not ui.may("manage people")
    assert ui.only("promote", help="x") == {"disabled": False, "help": "x"}
    assert ui.only("manage people") == {"disabled": True, "help": "This is for admins."}
    Context.cookies = {"housestyle_name": "admin"}
    with pytest.raises(StudioError, match="signed out"):
        ui.person()
    with pytest.raises(rights.NotAllowed), db.writing(team.engine):
        rights.check("admin", "look")
