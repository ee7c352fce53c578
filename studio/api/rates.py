"""How often a token may call: so many times a minute, and what it has not used fills up evenly."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

MINUTE_S = 60.0
MOST_KNOWN = 10_000  # tokens; whose calls are longest ago is forgotten, and has all of them again


@dataclass(frozen=True)
class Left:
    """Whether a call may be made; how many may follow it at once, in how many seconds all of them
    may again, and when the next one may."""

    allowed: bool
    calls: int
    full_s: float
    next_s: float


class Rates:
    """The calls of each token, kept by this process."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # calls left, and when
        self._lock = Lock()

    def take(self, token: str, most: int, now_s: float) -> Left:
        """Count a call at `now_s` (seconds of a clock that only goes on), `most` a minute."""
        a_second = most / MINUTE_S
        with self._lock:
            left, then = self._held.pop(token, (float(most), now_s))
            left = min(float(most), left + (now_s - then) * a_second)
            allowed = left >= 1
            left -= allowed
            self._held[token] = left, now_s
            if len(self._held) > MOST_KNOWN:
                self._held.popitem(last=False)
        return Left(allowed, math.floor(left), (most - left) / a_second, (1 - left) / a_second)
