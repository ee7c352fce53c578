"""The studio of a process, and who acts in it by cookies, sessions and the guard's word."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from studio import context
from studio.accounts import people, refusal_log, rights, sessions
from studio.accounts.rights import Actor
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.web import name_cookie, session


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_USER", "tess")
    session.forget()
    yield tmp_path / "home"
    session.forget()
    rights.close_house(False)
    refusal_log.keep(None)


@pytest.fixture
def team(monkeypatch):
    """A studio that asks for sign-in, with one producer."""
    monkeypatch.setenv("STUDIO_SIGN_IN", "local")
    opened = session.studio()
    admin = Actor("x", "admin")
    secret, now = "three or four", context.now()
    people.add(opened.engine, "pia", "producer", by=admin, now=now, password=secret)
    yield opened
    opened.engine.dispose()


def test_many_who_ask_at_once_open_it_once(monkeypatch):
    begun, opened = threading.Barrier(8), []

    def open_studio(settings):
        opened.append(settings.home)
        return SimpleNamespace(settings=settings, home=settings.home)

    def ask():
        begun.wait()
        return session.studio()

    monkeypatch.setattr(context, "open_studio", open_studio)
    with ThreadPoolExecutor(8) as pool:
        got = [one.result() for one in [pool.submit(ask) for _ in range(8)]]
    assert len(opened) == 1 and len({id(one) for one in got}) == 1


def test_what_could_not_be_opened_is_tried_again(monkeypatch, home):
    answers = [StudioError("The database is away.", "Wait."), SimpleNamespace()]

    def open_studio(settings):
        answer = answers.pop(0)
        if isinstance(answer, StudioError):
            raise answer
        return SimpleNamespace(settings=settings, home=settings.home)

    monkeypatch.setattr(context, "open_studio", open_studio)
    with pytest.raises(StudioError, match="away"):
        session.studio()
    assert session.studio().home == home


def test_without_sign_in_a_browser_is_the_name_it_keeps(home):
    opened = session.studio()
    assert session.person({name_cookie.COOKIE: "Zo%C3%AB"}) == "Zoë"
    assert session.person({name_cookie.COOKIE: "<b>"}) == session.person({}) == "tess"
    opened.engine.dispose()


@pytest.mark.slow
def test_where_people_sign_in_a_session_says_who_with_which_role(team, monkeypatch):
    person = people.named(team.engine, "pia")
    secret = sessions.begin(team.engine, person.id, browser="", now=context.now())
    cookies = {session.COOKIE: secret, name_cookie.COOKIE: "admin"}
    found = session.person(cookies)
    assert (found, found.role) == ("pia", "producer")
    assert not rights.allowed("pia", "look")  # the house is closed to plain names
    people.set_role(
        team.engine, "pia", "artist", before="producer", by=Actor("x", "admin"), now=context.now()
    )
    assert session.person(cookies).role == "artist"
    monkeypatch.setattr(session, "FRESH_S", -1.0)
    sessions.end(team.engine, secret, context.now())
    for told in (cookies, {name_cookie.COOKIE: "pia"}):
        with pytest.raises(StudioError, match="signed out"):
            session.person(told)


def test_a_requests_sender_is_whom_the_guard_let_in():
    scope = {"type": "http", "headers": [(b"cookie", b"housestyle_name=Ana")]}
    assert session.sender(Request({**scope, "person": Actor("pia", "artist")}), "") == "pia"
    assert session.sender(Request(scope), "") == "Ana"
    assert session.sender(Request({**scope, "headers": []}), "nobody") == "nobody"


def test_streamlit_is_not_loaded_for_it():
    program = "import sys, studio.web.session; assert 'streamlit' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
