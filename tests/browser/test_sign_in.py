"""Signing in and out in a real browser: with a password, and over a real OpenID Connect provider.

The provider is no part of this repository. HOUSESTYLE_OIDC_PROVIDER names a file for node that
serves one on PORT for client `studio` with its redirect to REDIRECT: it knows `lead` with the name
"An art lead" in the group `leads`, and everybody else in no group.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from studio.settings import CHECKOUT
from tests.answering import answer_of
from tests.browser.conftest import CHROMIUM, PATIENCE_MS, _free_port

PROVIDER = os.environ.get("HOUSESTYLE_OIDC_PROVIDER", "")
SECRET = "three or four words"
expect.set_options(timeout=PATIENCE_MS)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@contextmanager
def served(home: Path, port: int, **settings: str) -> Iterator[str]:
    """The address of a studio with these settings, up and ready."""
    given = {f"STUDIO_{name.upper()}": value for name, value in settings.items()}
    environment = {
        **os.environ,
        "STUDIO_HOME": str(home),
        "STUDIO_PORT": str(port),
        "STUDIO_MLFLOW_PORT": str(_free_port()),
        **given,
    }
    command = [sys.executable, "-m", "studio"]
    subprocess.run(
        [*command, "people", "add", "Ana", "--role", "artist"],
        cwd=CHECKOUT,
        env=environment,
        input=SECRET.encode(),
        check=True,
    )
    with (home / "log.txt").open("wb") as out:
        process = subprocess.Popen(
            [*command, "serve"], cwd=CHECKOUT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        answer_of(f"{address}/healthz", process, home / "log.txt")
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _fresh(browser: Browser) -> tuple[BrowserContext, Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    return context, context.new_page()


def _out(page: Page) -> None:
    page.get_by_role("link", name="sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_password_opens_the_page_that_was_asked_for_and_a_kept_cookie_does_not(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path, _free_port(), sign_in="local") as address:
        context, page = _fresh(browser)
        page.goto(f"{address}/Admin?job=1")
        page.get_by_label("Your name").fill("ana")
        page.get_by_label("Password").fill("wrong words")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("do not go together")
        page.get_by_label("Your name").fill("ana")
        page.get_by_label("Password").fill(SECRET)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".hs-who")).to_contain_text("Ana, artist")
        assert page.url.startswith(f"{address}/Admin?job=1")
        page.get_by_text("Settings", exact=True).click()
        expect(page.get_by_text("Settings are shown to producers and admins.")).to_be_visible()
        kept = context.cookies()
        left_open = context.new_page()
        left_open.goto(f"{address}/Vote?ballot=x")
        expect(left_open.locator(".hs-who")).to_contain_text("Ana, artist")
        _out(page)
        left_open.get_by_role("button", name="Transparency background").click()
        left_open.get_by_text("Colour", exact=True).click()  # its session is over
        expect(left_open.get_by_role("alert")).to_contain_text("Your session has ended")
        assert left_open.url == f"{address}/sign-in?over=1&next=%2FVote%3Fballot%3Dx"
        context.add_cookies(kept)  # type: ignore[arg-type]
        page.goto(f"{address}/Admin")
        assert "/sign-in" in page.url
        context.close()
    lines = [
        line
        for name in ("refused", "strangers")
        for line in (tmp_path / f"logs/{name}.jsonl").read_text().splitlines()
    ]
    told = [json.loads(line) for line in lines]
    assert {"sign-in", "a session that is over"} <= {row["what"] for row in told}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[tuple[str, int, subprocess.Popen[bytes]]]:
    if not PROVIDER or not Path(PROVIDER).is_file() or shutil.which("node") is None:
        pytest.skip("set HOUSESTYLE_OIDC_PROVIDER to a provider for node; see this file's head")
    port, studio = _free_port(), _free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "REDIRECT": f"http://127.0.0.1:{studio}/oauth2callback",
    }
    with (tmp_path / "provider.txt").open("wb") as out:
        process = subprocess.Popen(
            ["node", PROVIDER], env=environment, stdout=out, stderr=out, cwd=Path(PROVIDER).parent
        )
    metadata = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
    answer_of(metadata, process, tmp_path / "provider.txt")
    yield metadata, studio, process
    process.kill()
    process.wait()


def _over(page: Page, address: str, name: str) -> None:
    """To the provider and back, as `name`."""
    page.goto(f"{address}/Admin?job=1")
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("any")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continue").click()


def test_a_provider_lets_in_by_group_once_and_its_absence_is_said(
    browser: Browser,
    tmp_path: Path,
    provider: tuple[str, int, subprocess.Popen[bytes]],
) -> None:
    metadata, port, process = provider
    settings = {
        "sign_in": "oidc",
        "address": f"http://127.0.0.1:{port}",
        "oidc_metadata": metadata,
        "oidc_client": "studio",
        "oidc_secret": "studio-secret-0123456789abcdef01234567",
        "oidc_scopes": "openid email profile groups",
        "oidc_roles": "artists=artist, leads=art lead",
    }
    with served(tmp_path, port, **settings) as address:
        context, page = _fresh(browser)
        tickets: list[str] = []
        page.on(
            "response",
            lambda got: tickets.extend(
                value
                for name, value in _headers(got)
                if name == "set-cookie"
                and value.startswith("_streamlit_user=")
                and "Max-Age=0" not in value
            ),
        )
        _over(page, address, "lead")
        expect(page.locator(".hs-who")).to_contain_text("An art lead, art lead")
        assert page.url.startswith(f"{address}/Admin?job=1")
        assert not [c for c in context.cookies() if "streamlit_user" in str(c["name"])]
        _out(page)
        assert tickets
        ticket = tickets[0].split(";")[0].partition("=")[2]
        context.add_cookies([{"name": "_streamlit_user", "value": ticket, "url": address}])
        page.goto(f"{address}/sign-in")
        expect(page.get_by_role("alert")).to_contain_text("used already")
        context.close()
        context, page = _fresh(browser)
        _over(page, address, "nobody")
        expect(page.get_by_role("alert")).to_contain_text("in no group that may come in")
        process.kill()
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("does not answer")
        context.close()


def _headers(got: object) -> list[tuple[str, str]]:
    """The response's headers, each cookie apart."""
    return [(h["name"].lower(), h["value"]) for h in got.headers_array()]  # type: ignore[attr-defined]
