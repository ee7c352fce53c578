"""Waiting for a server of the tests' own to answer."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import httpx


def answer_of(
    address: str, process: subprocess.Popen[bytes], log: Path | None = None, seconds: float = 240
) -> httpx.Response:
    """The first good answer at `address`; fails with the end of `log` where the process ends."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return httpx.get(address, timeout=30).raise_for_status()
        except httpx.HTTPError as error:
            said = log.read_text()[-3000:] if log else str(error)
            assert process.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.3)
