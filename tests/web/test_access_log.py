"""What the web process says aloud: no addresses with codes, keys and what people search for."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from studio.settings import CHECKOUT
from tests.answering import answer_of

SECRETS = ("geheim1", "geheim2", "geheim3")
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--no-access-log", "--log-level", "warning")])
def test_addresses_stand_in_no_log(tmp_path, words):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log.txt"
    run = [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(port), *words]
    with log.open("wb") as out:
        process = subprocess.Popen(
            run,
            cwd=CHECKOUT,
            env={**os.environ, "STUDIO_HOME": str(tmp_path / "home"), "STUDIO_PORT": str(port)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        here = f"http://127.0.0.1:{port}"
        answer_of(f"{here}/hello", process, log)
        for path in ("/?code=geheim1", "/Generate?find=geheim2", "/sign-in?token=geheim2"):
            httpx.get(here + path)
        stream = "/_stcore/stream?token=geheim3"
        with httpx.stream("GET", here + stream, headers={**UPGRADE, "Origin": here}) as answer:
            assert answer.status_code == 101
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    said = log.read_text()
    assert not [secret for secret in SECRETS if secret in said]
