"""A way to PostgreSQL that is cut off at a COMMIT: before it arrives, or before its answer does."""

import socket
import threading
from contextlib import suppress


class Line:
    """Hands bytes on between 127.0.0.1:`port` and the socket of a server.

    `cut` the `at`-th COMMIT from now "before" the server gets it, "after" it has answered, which
    nobody hears then, or "for good": after, and nobody is let in until `mend`.
    """

    def __init__(self, server: str) -> None:
        self.server, self.how, self.left, self.open = server, "", 0, True
        self.cuts = 0
        self.held: set[socket.socket] = set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()

    def cut(self, how: str, at: int = 1) -> None:
        self.how, self.left = how, at

    def mend(self) -> None:
        self.how, self.open = "", True

    def close(self) -> None:
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
                    threading.Thread(target=self._hand_on, args=(of, to, deaf, of is client),
                                     daemon=True).start()  # fmt: skip

    def _hand_on(self, of, to, deaf, asks) -> None:
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
                to.sendall(data)
        for one in (of, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
