"""The cookie of Streamlit's sign-in, as Streamlit itself signs and cuts it."""

import json
import secrets
import time
from types import SimpleNamespace

import pytest
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.web.server.starlette import starlette_app_utils, starlette_auth_routes
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from studio import context
from studio.accounts import people, refusal_log
from studio.database import engine as db
from studio.settings import load_settings
from studio.web import session, streamlit_oidc
from studio.web.sign_in import NEXT
from tests.accounts.test_sign_in_settings import OIDC
from tests.web.guarded import browser_of

AT = "https://studio.example.com"
KEY = "k" * 40


def baked(claims: dict[str, object], key: str = KEY) -> dict[str, str]:
    """The cookies that Streamlit would set for these claims."""
    found: dict[str, str] = {}

    def signed(name: str, value: str) -> bytes:
        return starlette_app_utils.create_signed_value(key, name, value)

    def put(name: str, value: str) -> None:
        found[name] = signed(name, value).decode()

    set_cookie_with_chunks(put, signed, USER_COOKIE_NAME, claims, cookie_attr_size=60)
    return found


def claims(**more: object) -> dict[str, object]:
    return {
        "sub": "7",
        "iss": "https://id",
        "iat": int(time.time()),
        "name": "Ana",
        "groups": ["artists"],
        "origin": AT,
        "is_logged_in": True,
        "provider": "default",
        **more,
    }


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    from streamlit.web.server.starlette import starlette_websocket

    for module in (starlette_websocket, starlette_auth_routes):
        monkeypatch.setattr(module, "get_cookie_secret", lambda: KEY)


def test_what_streamlit_signed_is_read_also_when_cut():
    assert streamlit_oidc.ticket(baked(claims()), AT).claims["sub"] == "7"
    note = secrets.token_hex(5000)  # what is random can't be packed
    long = baked(claims(note=note))
    assert len(long) > 2 and streamlit_oidc.ticket(long, AT).claims["note"] == note
    long.popitem()
    assert streamlit_oidc.ticket(long, AT) is None


def test_what_it_did_not_sign_is_nothing():
    good = baked(claims())
    name, value = next(iter(good.items()))
    other = starlette_app_utils.create_signed_value(KEY, "else", json.dumps(claims())).decode()
    old = baked(claims(origin="https://evil.test"))
    for cookies in (
        {},
        {name: ""},
        {name: json.dumps(claims())},
        {name: value[:-2] + "xx"},
        {name: other},
        {name: value.replace(".", "", 1)},
        baked(claims(), key="another" * 9),
        old,
        baked(claims(is_logged_in=False)),
        baked(claims(is_logged_in="yes")),
        {"x" + name: value},
    ):
        assert streamlit_oidc.ticket(cookies, AT) is None


def test_its_name_does_not_change_when_it_is_written_otherwise():
    first, again = (streamlit_oidc.ticket(baked(claims(iat=1, jti="a")), AT) for _ in range(2))
    assert first.hash == again.hash != streamlit_oidc.ticket(baked(claims(iat=1, jti="b")), AT).hash


def test_streamlits_settings_and_address():
    sign_in = load_settings(OIDC).sign_in
    told = streamlit_oidc.settings_for(sign_in)["auth"]
    assert told["redirect_uri"] == AT + "/oauth2callback" and len(told["cookie_secret"]) > 40
    assert told["server_metadata_url"] == OIDC["STUDIO_OIDC_METADATA"]
    assert streamlit_oidc.settings_for(load_settings({}).sign_in) == {}
    assert streamlit_oidc.names(["a", USER_COOKIE_NAME, f"{USER_COOKIE_NAME}_1"]) == [
        USER_COOKIE_NAME,
        f"{USER_COOKIE_NAME}_1",
    ]


@pytest.fixture
def browser(tmp_path, monkeypatch):
    engine = db.open_database(tmp_path)
    found = load_settings(OIDC, home=str(tmp_path))
    studio = context.Studio(found, engine, None, None)
    monkeypatch.setattr(session, "studio", lambda: studio)
    refusal_log.keep(tmp_path)
    made = browser_of(studio, base_url=AT)
    made.studio = studio
    yield made
    refusal_log.keep(None)
    engine.dispose()


def _come(browser, **more):
    """As Streamlit sends somebody back from the provider."""
    cookies = baked(claims(**more))
    cookies |= {NEXT: "%2FRegistry%3Fa%3D1"}
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return header, browser.get("/sign-in", headers={"cookie": header})


def test_a_sign_in_becomes_a_session_once(browser):
    header, answer = _come(browser)
    assert answer.status_code == 303 and answer.headers["location"] == "/Registry?a=1"
    told = answer.headers.get_list("set-cookie")
    assert any(c.startswith(f'{USER_COOKIE_NAME}=""') or "Max-Age=0" in c for c in told)
    assert browser.get("/").text == "in: Ana"
    browser.cookies.clear()
    replayed = browser.get("/sign-in", headers={"cookie": header})
    assert replayed.status_code == 403 and "used already" in replayed.text
    assert browser.get("/", headers={"cookie": header}).status_code == 401
    rows = refusal_log.newest(browser.studio.home)
    assert any(row["what"] == "sign-in" and "used already" in row["why"] for row in rows)


def test_no_group_and_an_old_sign_in_stay_outside(browser):
    assert "in no group" in _come(browser, groups=[])[1].text
    assert "too old" in _come(browser, iat=int(time.time()) - 700)[1].text
    assert people.listing(browser.studio.engine) == []
    assert (
        "not finished"
        in browser.get("/sign-in", headers={"cookie": f"{USER_COOKIE_NAME}=forged"}).text
    )
    assert refusal_log.newest(browser.studio.home)[0]["what"] == "a forged or foreign sign-in"


def test_a_role_follows_the_groups_at_each_sign_in(browser, monkeypatch):
    _come(browser)
    provider = browser.studio.settings.sign_in.provider
    provider.roles["leads"] = "art lead"
    _come(browser, groups=["leads"], jti="2")
    assert [one.role for one in people.listing(browser.studio.engine)] == ["art lead"]


def test_a_provider_that_is_down_is_said_plainly(browser, monkeypatch):
    import dataclasses

    dead = dataclasses.replace(
        browser.studio.settings.sign_in.provider, metadata="http://127.0.0.1:9/x"
    )
    sign_in = dataclasses.replace(browser.studio.settings.sign_in, provider=dead)
    settings = dataclasses.replace(browser.studio.settings, sign_in=sign_in)
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(settings=settings))
    answer = browser.get("/sign-in/provider")
    assert answer.status_code == 503 and "does not answer" in answer.text
    assert refusal_log.newest(browser.studio.home)[0]["what"].startswith("the identity provider")
