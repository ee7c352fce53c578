"""Which jobs a worker may take, by what it has, and by which machines have room."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Engine

from studio.diffusion import base_offers
from studio.jobs.table import Lane, jobs
from studio.settings import Settings
from studio.worker import machine_choice, metering

LOOK_S = 0.5  # between two looks at which machines have room
GB = 1024**3


@dataclass
class Places:
    """As one worker sees it."""

    engine: Engine
    settings: Settings
    busy: set[str] = field(default_factory=set)
    looked: float = -math.inf

    @cached_property
    def gpu_gb(self) -> float:
        """GB of the memory of the GPU that this worker's jobs compute on; 0 without one."""
        if base_offers.device(self.settings.device) != "cuda":
            return 0.0
        gpu = metering.first_gpu()
        # Where nothing tells how large it is nobody is turned away: the job says what it lacks.
        return round(gpu.memory_all / GB, 1) if gpu else math.inf

    def fits(self, lane: Lane) -> ColumnElement[bool]:
        """What is true of the jobs of a lane that may be taken."""
        if lane != "elsewhere":
            return sa.true() if math.isinf(self.gpu_gb) else jobs.c.gpu_gb <= self.gpu_gb
        if time.monotonic() - self.looked > LOOK_S:
            self.looked = time.monotonic()
            self.busy = machine_choice.busy(self.engine)
        # A job that is cut off is taken again whatever its machine has: it is there already.
        return sa.or_(jobs.c.where.not_in(self.busy), jobs.c.state == "running")

    def taken(self) -> None:
        """A job was taken for a machine: look anew before the next."""
        self.looked = -math.inf
