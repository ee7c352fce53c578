"""The line that a training says on its way, for people, and read again by pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.context import clock

LINE = re.compile(
    r"step (?P<step>[0-9]+)/(?P<steps>[0-9]+)  loss (?P<loss>\S+)  "
    r"(?P<speed>[0-9.]+) pictures/s  (?P<left>.+) left"
)


@dataclass(frozen=True)
class Standing:
    """How far a training is: pictures a second, and how long it still takes, in words."""

    step: int
    steps: int
    loss: float
    speed: float
    left: str


def written(step: int, steps: int, loss: float, speed: float, left: float) -> str:
    """The line; `left` in seconds."""
    return f"step {step}/{steps}  loss {loss:.4f}  {speed:.1f} pictures/s  {clock(left)} left"


def read(line: str) -> Standing | None:
    """What such a line says; None where it says something else, such as what is loaded."""
    found = LINE.fullmatch(line)
    if found is None:
        return None
    numbers = (int(found["step"]), int(found["steps"]), float(found["loss"]), float(found["speed"]))
    return Standing(*numbers, found["left"])
