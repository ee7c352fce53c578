"""Connections that ask for something within a while: `uvicorn --http` names this.

uvicorn itself waits without end for the rest of a request's head, before any of our code is asked.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 20.0  # from its first byte, or from the connection, to the end of a head


class PatientConnection(H11Protocol):
    """Closes itself where a request's head does not end."""

    late: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self._look()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._calm()
        elif self.late is None:
            self.late = self.loop.call_later(HEAD_S, self.transport.close)

    def _calm(self) -> None:
        if self.late is not None:
            self.late.cancel()
            self.late = None
