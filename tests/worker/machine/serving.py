"""A machine in a process of its own that knows the toy kind too: `serving.py HOME PORT [PAUSE]`.

Its runs are `serving.py compute FOLDER PAUSE`, or `serving.py compute warm PAUSE`; each letter of a
toy waits for PAUSE seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.jobs.emit import Emit
from studio.settings import load_settings
from studio.store import private
from studio.worker.context import Models
from studio.worker.kind import Input, Outcome
from studio.worker.kind_table import KINDS
from studio.worker.machine import process, server
from tests.worker.toy_kind import TOY


def paused(pause: float) -> Callable[..., Outcome]:
    """The toy's computation, which takes its time."""

    def compute(
        inputs: Mapping[str, Input], params: Any, workdir: Path, models: Models, emit: Emit
    ) -> Outcome:
        say = emit.say

        def slowly(line: str) -> None:
            end = time.monotonic() + pause
            while time.monotonic() < end:
                emit.step(0, 0)
                time.sleep(0.02)
            say(line)

        emit.say = slowly
        assert TOY.compute is not None
        return TOY.compute(inputs, params, workdir, models, emit)

    return compute


def main(words: list[str]) -> int:
    private.keep_private()
    pause = words[2] if len(words) > 2 else "0"
    KINDS[TOY.name] = replace(TOY, compute=paused(float(pause)))
    if words[0] == "compute":
        return process.main([words[1]])

    def command(folder: Path | None) -> list[str]:
        return [sys.executable, __file__, "compute", str(folder or "warm"), pause]

    settings = load_settings({}, home=words[0])
    return server.serve(
        settings,
        lambda line: print(line, flush=True),
        host="127.0.0.1",
        port=int(words[1]),
        command=command,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
