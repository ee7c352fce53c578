"""What a machine on loopback adds to a warm picture: `python -m benchmarks.machine [--rounds N]`.

A picture of the practice base, as a job with its pipeline loaded, from taking it to its end in the
table: computed here, and by `python -m studio machine serve`, in turns. The median of the rounds'
differences counts: at most 150 ms. Exits with 1 where that is exceeded.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from studio import context
from studio.context import Studio
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.remote import client, machines
from studio.settings import CHECKOUT, load_settings
from studio.worker import process, submit
from studio.worker.context import Warm
from studio.worker.machine import tokens

LIMIT_S, NAME = 0.150, "loopback"
LEASE = timedelta(hours=1)
PORT = 8469


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10, help="pictures each (10)")
    parser.add_argument("--json", action="store_true", help="print a record instead of a line")
    asked = parser.parse_args(words)
    if asked.rounds < 1:
        print(f"--rounds is {asked.rounds}. Give at least one.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        given = {"STUDIO_THREADS": "1", "STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8"}
        studio = context.open_studio(load_settings(given, home=f"{place}/home"))
        context.set_threads(studio.settings)
        box = Path(place) / "box"
        token = tokens.make(box, "benchmark", context.now())
        serve = [sys.executable, "-m", "studio", "machine", "serve", "--home", str(box)]
        with redirect_stdout(sys.stderr):
            server = subprocess.Popen(
                [*serve, "--port", str(PORT)], cwd=CHECKOUT, stdout=subprocess.DEVNULL
            )
            try:
                _known(studio, token)
                pairs = _pairs(studio, asked.rounds)
            finally:
                server.terminate()
                server.wait(30)
    more = statistics.median(there - here for here, there in pairs)
    record = {
        "schema": 1,
        "here_s": statistics.median(here for here, _ in pairs),
        "there_s": statistics.median(there for _, there in pairs),
        "more_s": more,
        "limit_s": LIMIT_S,
        "within": more <= LIMIT_S,
    }
    if asked.json:
        print(json.dumps(record, indent=1))
    else:
        print(
            f"A warm picture takes {record['here_s'] * 1e3:.0f} ms here, "
            f"{record['there_s'] * 1e3:.0f} ms by a machine: {more * 1e3:.0f} ms more "
            f"(limit {LIMIT_S * 1e3:.0f})"
        )
    return 0 if record["within"] else 1


def _known(studio: Studio, token: str) -> None:
    """Returns when the machine answers."""
    networks = studio.settings.private_networks
    made = machines.add(
        studio.engine,
        studio.home,
        NAME,
        f"http://127.0.0.1:{PORT}",
        token,
        networks=networks,
        by=studio.settings.user,
        now=context.now(),
    )
    end = time.monotonic() + 120
    while True:
        try:
            client.health(machines.connected(studio.engine, studio.home, made, networks))
            return
        except StudioError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _pairs(studio: Studio, rounds: int) -> list[tuple[float, float]]:
    """Seconds of a picture here and there, the first of each left out: it loads."""
    opened, warm = process.Opened(studio.settings), Warm()
    opened.studio = studio

    def take(where: str, seed: int) -> float:
        asked = {"prompt": "a red gem", "steps": 8, "seed": seed}
        who, now = studio.settings.user, context.now()
        job = submit.ask(studio, "generate", asked, asked_by=who, now=now, where=where)
        began = time.perf_counter()
        taken = leases.take(studio.engine, "benchmark", job.lane, context.now(), LEASE, id=job.id)
        assert taken is not None
        process.do(studio.engine, job.id, taken.attempt, opened, warm)
        ended = queue.get(studio.engine, job.id)
        assert ended.state == "done", ended.error
        return time.perf_counter() - began

    found = []
    for seed in range(rounds + 2):
        pair = {where: take(where, seed) for where in ("here", NAME)[:: 1 if seed % 2 else -1]}
        found.append((pair["here"], pair[NAME]))
    return found[2:]


if __name__ == "__main__":
    sys.exit(main())
