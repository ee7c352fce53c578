"""From a rollback to the next picture by the former version, while the studio runs.

The studio must be served from STUDIO_HOME (a copy: stages are moved) and its worker warm; the
style needs two versions. What is timed is one call of `rollback` and one interactive picture asked
for without naming a version, until its job is done.

    python -m benchmarks.release STYLE [TIMES]
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass

from studio import context
from studio.jobs import queue
from studio.registry import models, stages
from studio.settings import load_settings
from studio.worker import submit

BAR_S = 2.0
LOOK_S = 0.02


@dataclass(frozen=True)
class Timed:
    """Seconds of a picture without a rollback, of the rollback itself, and of all until the
    former version's picture is there."""

    plain: float
    rollback: float
    whole: float
    version: int


def draw(studio: context.Studio, style: str, seed: int) -> int:
    """Draw one picture with what is in production; the version that drew it."""
    asked = {"prompt": "a red potion", "style": style, "seed": seed}
    job = submit.ask(studio, "generate", asked, asked_by="benchmark", now=context.now())
    while not job.ended:
        time.sleep(LOOK_S)
        job = queue.get(studio.engine, job.id)
    assert job.state == "done", job
    return int(job.payload["version"])


def measure(studio: context.Studio, style: str, turn: int) -> Timed:
    """Promote the newest version over the one before, draw with it, then go back."""
    newest, former = [v.number for v in models.list_versions(studio.client, style)][:2]
    for number in (former, newest):
        if stages.production(studio.engine, style) != number:
            stages.promote(
                studio.engine,
                studio.client,
                style=style,
                number=number,
                to="production",
                actor="benchmark",
                why=f"turn {turn}",
                now=context.now(),
            )
        draw(studio, style, 1000 * turn + number)
    began = time.perf_counter()
    draw(studio, style, 1000 * turn + 998)
    plain = time.perf_counter() - began
    began = time.perf_counter()
    stages.rollback(
        studio.engine,
        studio.client,
        style=style,
        actor="benchmark",
        why=f"turn {turn}",
        now=context.now(),
    )
    back = time.perf_counter() - began
    version = draw(studio, style, 1000 * turn + 999)
    whole = time.perf_counter() - began
    assert version == former, version
    return Timed(plain, back, whole, version)


def main() -> None:
    """Print each turn, the median and how busy the machine was."""
    studio = context.open_studio(load_settings())
    style, times = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    found = [measure(studio, style, turn) for turn in range(times)]
    for one in found:
        print(
            f"rollback {one.rollback:.2f} s, next picture by version {one.version} after "
            f"{one.whole:.2f} s; without a rollback {one.plain:.2f} s"
        )
    middle = statistics.median(one.whole for one in found)
    print(
        f"median {middle:.2f} s, asked is under {BAR_S:g} s; load {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main()
