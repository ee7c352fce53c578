"""A way to PostgreSQL that is cut off at a COMMIT: before it arrives, or before its answer does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from studio.database import engine as db
from studio.database import postgres
from tests.conftest import Cluster


class Line:
    """Hands bytes on between 127.0.0.1:`port` and the socket of a server.

    `cut` the `at`-th COMMIT from now "before" the server gets it, "after" it has answered, which
    nobody hears then, or "for good": after, and nobody is let in until `mend`. Or `shut` it, or
    `hush` it: it stands, and nothing comes through.
    """

    def __init__(self, server: str) -> None:
        self.server, self.how, self.left, self.open = server, "", 0, True
        self.cuts = 0
        self.speaks = threading.Event()
        self.speaks.set()
        self.held: set[socket.socket] = set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def cut(self, how: str, at: int = 1) -> None:
        self.how, self.left = how, at

    def shut(self) -> None:
        self.open = False
        for one in list(self.held):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def hush(self) -> None:
        self.speaks.clear()

    def mend(self) -> None:
        self.how, self.open = "", True
        self.speaks.set()

    def close(self) -> None:
        self.speaks.set()
        self.door.close()
        for one in list(self.held):
            one.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.door.accept()
                if not self.open:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                deaf = threading.Event()
                self.held |= {client, server}
                for of, to in ((client, server), (server, client)):
                    threading.Thread(
                        target=self._hand_on, args=(of, to, deaf, of is client), daemon=True
                    ).start()

    def _hand_on(
        self, of: socket.socket, to: socket.socket, deaf: threading.Event, asks: bool
    ) -> None:
        with suppress(OSError):
            while data := of.recv(65536):
                if asks and self.how and data[5:12] == b"COMMIT\0":
                    self.left -= 1
                    if self.left == 0:
                        self.cuts += 1
                        if self.how == "before":
                            break
                        self.open = self.how != "for good"
                        deaf.set()
                if not asks and deaf.is_set():  # the server has committed: that is all we wait for
                    break
                self.speaks.wait()
                to.sendall(data)
        for one in (of, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


# Whoever needs these imports both; a test asks for `line` and `engine`.


@pytest.fixture(name="line")
def a_line(cluster: Cluster) -> Iterator[Line]:
    """A line to the tests' PostgreSQL."""
    made = Line(f"{cluster.folder}/.s.PGSQL.5432")
    yield made
    made.close()


@pytest.fixture(name="engine")
def studio_beyond(cluster: Cluster, line: Line, tmp_path: Path) -> Iterator[Engine]:
    """A studio whose database is reached through the line alone."""
    name = postgres.address(cluster.database(ready=True)).database
    opened = db.open_database(tmp_path, f"postgresql://studio@127.0.0.1:{line.port}/{name}")
    yield opened
    opened.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
