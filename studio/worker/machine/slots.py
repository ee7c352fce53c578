"""A place for one run at a time on a machine."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass

from studio.jobs.processes import Group


@dataclass
class Slot:
    """Moments are of the monotonic clock. The process of a `warm` one outlives its runs; `before`
    are the seconds that its run had computed when it began here."""

    warm: bool = False
    run: str | None = None
    process: subprocess.Popen[bytes] | None = None
    group: Group | None = None
    began: float = 0.0
    before: float = 0.0
    end_at: float | None = None  # when its process is to be asked to end
    kill_at: float | None = None  # when it is to be killed

    def end_within(self, seconds: float) -> None:
        """Let its process end in so many seconds, unless it is to end sooner."""
        at = time.monotonic() + seconds
        self.end_at = at if self.end_at is None else min(self.end_at, at)

    def clear(self) -> None:
        """Its process is gone."""
        self.run = self.process = self.group = self.end_at = self.kill_at = None
