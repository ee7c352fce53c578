"""A machine on loopback for tests: started, killed, started anew; and a studio that knows it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from studio.charges import limits
from studio.context import Studio
from studio.errors import StudioError
from studio.remote import client, machine_prices, machines
from studio.remote.connection import Address, Connection
from studio.settings import CHECKOUT
from studio.worker.machine import tokens

PRIVATE = (ip_network("127.0.0.0/8"),)
SERVING = Path(__file__).with_name("serving.py")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Box:
    """One machine, whose folder outlives its process."""

    home: Path
    pause: float = 0.0
    port: int = field(default_factory=free_port)
    token: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.token:
            self.token = tokens.make(self.home, "studio", datetime.now(UTC))
        with (self.home / "said.txt").open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(SERVING), str(self.home), str(self.port), str(self.pause)],
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"},
                stdout=said,
                stderr=said,
            )
        end = time.monotonic() + 120
        while True:
            try:
                with self.asked() as connection:
                    client.health(connection, seconds=2.0)
                return
            except StudioError:
                assert self.process.poll() is None, (self.home / "said.txt").read_text()
                assert time.monotonic() < end, "the machine does not answer"
                time.sleep(0.1)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def asked(self) -> _Asked:
        """A connection to it, closed at the end of the block."""
        return _Asked(Connection(Address("attic", self.url, PRIVATE), self.token))

    def added(
        self, studio: Studio, name: str = "attic", price: str = "", seconds: int = 60
    ) -> None:
        """Have a studio know it; with a price it costs that for a second."""
        now = datetime.now(UTC)
        machines.add(
            studio.engine,
            studio.home,
            name,
            self.url,
            self.token,
            networks=PRIVATE,
            seconds=seconds,
            by="ana",
            now=now,
        )
        if price:
            machine_prices.save(studio.engine, name, price, "second", "USD", by="ana", now=now)

    @property
    def runs(self) -> list[str]:
        """The ids of runs that it keeps."""
        return sorted(path.name for path in (self.home / "machine" / "runs").glob("*"))


@dataclass
class _Asked:
    connection: Connection

    def __enter__(self) -> Connection:
        return self.connection

    def __exit__(self, *told: Any) -> None:
        self.connection.close()


def limited(studio: Studio, micros: int) -> None:
    """What may be spent in USD a month."""
    held = limits.current(studio.engine, "studio", "", "USD")
    limits.save(
        studio.engine,
        "studio",
        "",
        "USD",
        micros,
        after=held.revision if held else 0,
        why="as agreed",
        by="ana",
        now=datetime.now(UTC),
    )
