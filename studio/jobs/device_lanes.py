"""A lane of a device on this machine: which process takes its jobs.

A worker holds the lease of each of its lanes as long as it lives; a command that would do its own
job holds one until that has ended. Beside a worker another worker may take jobs of the same lane,
since a person who starts a second one asks for just that. A command does nothing beside anybody,
and nobody beside a command.
"""

from __future__ import annotations

import math
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine

from studio.jobs import named_leases
from studio.jobs.table import Lane

Role = Literal["worker", "command"]


def lease_name(host: str, device: str, lane: Lane) -> str:
    """What the lease is called."""
    return f"device {host} {device} {lane}"


@dataclass
class DeviceLane:
    """A lane, as one process asks for it. `process` is HOST:PROCESS, `length` the lease's;
    `mine`: held by this process; `holder` is another's role and name, as WORD HOST:PROCESS."""

    engine: Engine
    lease: str
    role: Role
    process: str
    length: timedelta
    mine: bool = False
    holder: str | None = None
    asked: float = -math.inf
    mark: str = field(default_factory=lambda: secrets.token_hex(4))
    silence: named_leases.Silence = field(default_factory=named_leases.Silence)

    @property
    def name(self) -> str:
        """What the lease's holder is called; another process may have our number one day."""
        return f"{self.role} {self.process} {self.mark}"

    @property
    def free(self) -> bool:
        """Whether this process may take its jobs."""
        if self.role == "worker":
            return self.mine or not (self.holder or "").startswith("command ")
        return self.mine

    def ask(self, now: datetime) -> bool:
        """Take it or hold it for longer, once in a while; whether another holds it than before."""
        pause = self.length.total_seconds() / 6
        if time.monotonic() - self.asked < (pause if self.mine else min(1.0, pause)):
            return False
        before, of = self.holder, (self.engine, self.lease)
        self.mine = named_leases.take(*of, self.name, now, self.length, self.silence)
        held = None if self.mine else named_leases.held_by(*of, now)
        self.holder = held.rpartition(" ")[0] if held else None
        self.asked = time.monotonic()
        return self.holder not in (None, before)

    def release(self) -> None:
        """Let another have it at once."""
        self.mine = False
        named_leases.release(self.engine, self.lease, self.name)
