"""Points on the way of some work, at one of which the process that does it dies."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any


class Points:
    """Counts the calls of what is wrapped; at the point `kill` the process dies. `passed` are the
    points that it came by."""

    def __init__(self, kill: str) -> None:
        self.kill, self.passed, self.calls = kill, list[str](), Counter[str]()

    def at(self, point: str) -> None:
        self.passed.append(point)
        if point == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        """`call` with a point before and a point behind it."""

        def called(*words: Any, **named: Any) -> Any:
            self.calls[name] += 1
            turn = f"{name} {self.calls[name]}"
            self.at(f"{turn} <")
            found = call(*words, **named)
            self.at(f"{turn} >")
            return found

        return called
