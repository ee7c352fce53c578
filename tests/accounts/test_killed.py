"""The web process is killed while somebody is signed in: their session stands, an ended one not."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx
import pytest

from studio.accounts import people, sessions
from studio.database.engine import home_of
from studio.settings import CHECKOUT
from studio.web.session import COOKIE
from tests.accounts.conftest import SECRET

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def web(either_database, engine, url_of):
    """Starts the web process, or kills the one there is and starts it again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = []
    environment = {
        **os.environ,
        "STUDIO_HOME": str(home_of(engine)),
        "STUDIO_DATABASE_URL": url_of(engine),
        "STUDIO_SIGN_IN": "local",
        "STUDIO_PORT": str(port),
    }

    def kill():
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        running.clear()

    def start():
        kill()
        command = [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(port)]
        running.append(
            subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env=environment,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        for _ in range(400):
            try:
                httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=10)
                return f"http://127.0.0.1:{port}"
            except httpx.TransportError:
                assert running[0].poll() is None
                time.sleep(0.25)
        raise AssertionError("the pages did not come up")

    yield start
    kill()


def test_a_session_outlives_the_web_process(web, engine):
    now = datetime.now(UTC)
    people.add(engine, "Ana", "artist", by="x", now=now, password=SECRET)
    at = web()
    held = []
    for _ in range(2):
        browser = httpx.Client(base_url=at, headers={"origin": at}, timeout=30)
        sent = browser.post("/sign-in", data={"name": "ana", "password": SECRET})
        assert sent.status_code == 303
        held.append(browser)
    sessions.end(engine, held[1].cookies[COOKIE], now)
    web()
    assert held[0].get("/").status_code == 200 and held[0].get("/sign-in").status_code == 303
    assert held[1].get("/").status_code == 401
    assert httpx.get(f"{at}/", timeout=30).status_code == 401
    assert len(sessions.listing(engine, datetime.now(UTC))) == 1
