"""Whether the database still has the tables that this program knows, while it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from studio.database.engine import schema


@dataclass
class OwnSchema:
    """The schema that the database had when this program opened it, which was its newest.

    Once another program has changed it, `fits` is no more; `report` is told once. Comparing is
    cheap, and still done at most every `pause` seconds.
    """

    engine: Engine
    report: Callable[[str], None]
    pause: float
    fits: bool = True
    compared: float = -math.inf
    ours: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.ours = self._now()

    def compare(self, at_once: bool = False) -> bool:
        """Whether it fits by now."""
        if not at_once and time.monotonic() - self.compared < self.pause:
            return self.fits
        self.compared, found = time.monotonic(), self._now()
        if self.fits != (found == self.ours):
            self.fits = not self.fits
            self.report(
                "The database fits this program again."
                if self.fits
                else f"The database has schema {found} by now, this program is of {self.ours}: no "
                "more jobs are taken here. Start it anew in the version of the others."
            )
        return self.fits

    def _now(self) -> str | None:
        with self.engine.connect() as connection:
            return schema(connection)
