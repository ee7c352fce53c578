"""A running studio of its own and Debian's chromium before it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from studio.settings import CHECKOUT
from tests.answering import answer_of
from tests.browser.furnished import Furnished, furnish

# Playwright's own driver needs the library.
CHROMIUM = shutil.which("chromium") if list(Path("/usr/lib").glob("*/libatomic.so.1")) else None
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # five seconds are too few on a machine that has much to do


POLICY = "Content Security Policy"
_barred: list[str] = []  # what pages of these tests asked for and their headers bar


@pytest.fixture(autouse=True)
def _nothing_is_barred() -> Iterator[None]:
    """Pages ask for nothing that their own policy of headers bars."""
    _barred.clear()
    yield
    assert _barred == []


@dataclass(frozen=True)
class Running:
    """A studio's address and folder."""

    url: str
    home: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`python -m studio serve` on an empty folder, up and ready."""
    if CHROMIUM is None:
        pytest.skip("chromium is not here: apt-get install chromium libatomic1")
    folder = tmp_path_factory.mktemp("browser")
    port = _free_port()
    environment = {
        **os.environ,
        "STUDIO_HOME": str(folder / "home"),
        "STUDIO_PORT": str(port),
        "STUDIO_MLFLOW_PORT": str(_free_port()),
        "STUDIO_EXPORT_FOLDERS": f"game={folder / 'game'}",
    }
    (folder / "game").mkdir()
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "studio", "serve"],
            cwd=CHECKOUT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    health = answer_of(f"http://127.0.0.1:{port}/healthz", process, log).json()
    assert all(health.values())
    yield Running(f"http://127.0.0.1:{port}", folder / "home")
    process.send_signal(signal.SIGINT)
    process.wait(30)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last test here: its event loop would stand in the way of others'."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


# What fades in, which has other colours meanwhile; what goes round for ever is no part of it.
FADING = """() => document.getAnimations().some((one) =>
  one.playState === "running" && one.effect.getComputedTiming().endTime !== Infinity)"""


def drawn_all(page: Page) -> None:
    """Waits until the page has drawn itself: nothing runs any more, nothing is a placeholder, and
    for two seconds at most until nothing fades in."""
    page.locator("h1").first.wait_for()
    for part in ("stStatusWidget", "stSkeleton"):
        page.locator(f'[data-testid="{part}"]').first.wait_for(state="detached")
    for _ in range(40):
        if not page.evaluate(FADING):
            break
        page.wait_for_timeout(50)


def somebody(
    browser: Browser, running: Running, name: str, scheme: str = "light"
) -> BrowserContext:
    """A browser of its own that belongs to a person of that name."""
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 1400, "height": 1000},
    )
    context.set_default_timeout(PATIENCE_MS)
    context.on("console", lambda told: _barred.append(told.text) if POLICY in told.text else None)
    context.add_cookies([{"name": "housestyle_name", "value": name, "url": running.url}])
    return context


@pytest.fixture(scope="package")
def there(running: Running) -> Furnished:
    """Something on every page of the running studio."""
    return furnish(running.home)


@pytest.fixture
def visit(running: Running, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of the studio as a person, each person in a browser of their own."""
    contexts = {}

    def opened(path: str, person: str = "Ana", scheme: str = "light") -> Page:
        if person not in contexts:
            contexts[person] = somebody(browser, running, person, scheme)
        page = contexts[person].new_page()
        page.goto(running.url + path)
        page.locator("h1").first.wait_for()
        return page

    yield opened
    for context in contexts.values():
        context.close()
