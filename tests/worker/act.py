"""A worker whose jobs are quick to start: counting, hanging, dying, leaving children behind.

`act.py worker HOME LEASE [LANE]` is the studio's own loop, impatient; its jobs run as
`act.py ID ATTEMPT` or, on the interactive lane, `act.py warm`. `act.py command HOME LEASE LANE
ACT[:TO] ...` puts jobs in, prints their numbers and stays with each, as the studio's commands do.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from studio.database import engine as db
from studio.jobs import leases, queue
from studio.jobs.table import LANES, Job, Lane
from studio.settings import load_settings

if TYPE_CHECKING:
    from studio.worker.supervisor import Pace

ENOUGH = "enough"  # a file of the studio's folder that ends a waiting at 3
NAP = [sys.executable, "-c", "import time; time.sleep(60)"]


def do(engine: Engine, id: int, attempt: int) -> None:
    job = queue.get(engine, id)
    home, act = db.home_of(engine), job.payload["act"]
    result = {"pid": os.getpid(), "attempt": attempt}
    print("acting", act, flush=True)
    if act in ("count", "wait"):  # with checkpoints: each number is written down before the next
        for number in range(job.kept.get("number", 0) + 1, job.payload["to"] + 1):
            with (home / f"counted-{id}").open("a") as file:
                file.write(f"{number} {attempt}\n")
            if not leases.keep(engine, id, attempt, {"number": number}):
                return
            time.sleep(0.05)
            while act == "wait" and number == 3 and not (home / ENOUGH).exists():
                time.sleep(0.02)
    elif act == "hang":  # deaf to SIGTERM, with a child in its group and one in its own session
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen(NAP)
        subprocess.Popen(NAP, start_new_session=True)
        leases.keep(engine, id, attempt, {"hangs": True})
        time.sleep(60)
    elif act == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "die once" and attempt == 1:
        os._exit(3)
    elif act == "leave":
        result["left"] = subprocess.Popen(NAP, start_new_session=True).pid
    leases.finish(engine, id, attempt, result, datetime.now(UTC))


def command(job: Job | None) -> list[str]:
    asked = [str(job.id), str(job.attempt)] if job else ["warm"]
    return [sys.executable, str(Path(__file__)), *asked]


def known() -> None:
    """What these jobs do stands in `do`; whoever takes them only has to know their kind."""
    from studio.worker.kind import Kind
    from studio.worker.kind_table import KINDS
    from studio.worker.payload import Payload

    KINDS["test"] = Kind("test", "A test", Payload, "train", "work", lambda *_: {})


def stay(home: str, pace: Pace, lane: Lane, acts: list[str]) -> int:
    """As a command does: 0 where all jobs are done, 2 where one is not, 130 interrupted."""
    from studio.worker.own_jobs import attend, taking

    settings = dataclasses.replace(load_settings(home=home), user="ana")
    engine = db.open_database(settings.home)
    ended = []
    try:
        with taking(
            settings, engine, lane, warm=lane == "interactive", pace=pace, command=command
        ) as taker:
            for act in acts:
                name, _, to = act.partition(":")
                job = queue.submit(
                    engine,
                    kind="test",
                    lane=lane,
                    payload={"act": name, "to": int(to or 0)},
                    asked_by="ana",
                    now=datetime.now(UTC),
                )
                print("job", job.id, flush=True)
                ended.append(attend(taker, job, lambda line: print(line, flush=True)))
                print(ended[-1].state, ended[-1].error, flush=True)
    except KeyboardInterrupt:
        return 130
    return 0 if all(job.state == "done" for job in ended) else 2


def main(words: list[str]) -> int:
    idle = float(os.environ.get("ACT_IDLE", "1.5"))
    if words[0] in ("worker", "command"):
        # A job's own process is not to wait for all that its worker knows.
        from studio.worker.supervisor import Pace, work

        known()
        pace = Pace(lease=float(words[2]), look=0.02, grace=0.5, linger=0.5, idle=idle)
    if words[0] == "command":
        return stay(words[1], pace, next(one for one in LANES if one == words[3]), words[4:])
    if words[0] == "worker":
        settings = dataclasses.replace(load_settings(home=words[1]), user="worker")
        return work(
            settings,
            partial(print, flush=True),  # into a file, too, whose reader waits for it
            pace=pace,
            lanes=[lane for lane in LANES if lane in words[3:]] or LANES,
            command=command,
        )
    engine = db.open_database(load_settings().home)
    if words == ["warm"]:
        for line in iter(sys.stdin.readline, ""):
            do(engine, *map(int, line.split()))
    else:
        do(engine, int(words[0]), int(words[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
