"""MLflow, workers and watcher are away: pages say so in plain words, and the rest works on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from studio.database import engine as db
from studio.datasets import drafts
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT
from tests.browser.conftest import CHROMIUM, Running, _free_port, drawn_all, somebody

PLAIN = r"MLflow at 127.0.0.1:\d+ does not answer. Pictures, ratings and votes still work."


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web process by itself, with an MLflow server's address where nobody listens."""
    if CHROMIUM is None:
        pytest.skip("chromium is not here: apt-get install chromium libatomic1")
    folder = tmp_path_factory.mktemp("alone")
    import_folder(
        folder, "props", CHECKOUT / "sample" / "held_out", now=datetime.now(UTC), actor="Ana"
    )
    port, nobody = _free_port(), _free_port()
    environment = {
        **os.environ,
        "STUDIO_HOME": str(folder),
        "STUDIO_PORT": str(port),
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{nobody}",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(port)],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 240
    while '"database":true' not in _health(port):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.3)
    yield Running(f"http://127.0.0.1:{port}", folder)
    process.send_signal(signal.SIGINT)
    process.wait(30)


def _health(port: int) -> str:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=30).text
    except httpx.HTTPError:
        return ""


@pytest.fixture
def look(alone: Running, browser: Browser) -> Iterator[Callable[[str], Page]]:
    context = somebody(browser, alone, "Ana")

    def opened(path: str) -> Page:
        page = context.new_page()
        page.goto(alone.url + path)
        drawn_all(page)
        return page

    yield opened
    context.close()


@pytest.mark.slow
def test_it_says_what_is_up(alone: Running) -> None:
    port = int(alone.url.rpartition(":")[2])
    assert json.loads(_health(port)) == {
        "web": True,
        "database": True,
        "writing": True,
        "mlflow": False,
        "worker": False,
        "watcher": False,
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", ["", "Registry", "Train", "Generate", "Evaluate", "Adapters"])
def test_a_page_that_needs_mlflow_says_so(look: Callable[[str], Page], page: str) -> None:
    shown = look(f"/{page}")
    said = shown.get_by_test_id("stAlert").filter(has_text="MLflow")
    expect(said).to_have_text(re.compile(re.sub(r"\s+", r"\\s*", PLAIN)))
    expect(shown.get_by_text("Traceback")).to_have_count(0)


@pytest.mark.slow
def test_captions_are_written_all_the_same(look: Callable[[str], Page], alone: Running) -> None:
    shown = look("/Datasets?set=props")
    field = shown.get_by_label(re.compile("^Caption")).first
    field.fill("a kettle of red iron")
    field.press("Tab")
    expect(shown.get_by_text("changed by Ana", exact=True)).to_be_visible()
    kept = drafts.read(db.open_database(alone.home), "props")
    assert [edit.value for edit in kept] == ["a kettle of red iron"]


@pytest.mark.slow
def test_the_services_page_tells_the_remedy(look: Callable[[str], Page]) -> None:
    shown = look("/Admin")
    for command in ("worker", "watch"):
        told = shown.get_by_text(f"Start one with python -m studio {command}")
        expect(told).to_be_visible()
    expect(shown.get_by_text("does not answer").first).to_be_visible()
