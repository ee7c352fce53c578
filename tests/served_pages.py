"""A folder as pages in chromium, for what other programs' scripts make of the studio's files."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

# Playwright's own driver needs the library; graphics are drawn on the CPU.
CHROMIUM = shutil.which("chromium") if list(Path("/usr/lib").glob("*/libatomic.so.1")) else None
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"]


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format: str, *given: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[Page]:
    """The folder's index.html, opened; the test is skipped where there is no chromium."""
    if CHROMIUM is None:
        pytest.skip("chromium is not here: apt-get install chromium libatomic1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            opened = browser.new_page()
            opened.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            yield opened
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
