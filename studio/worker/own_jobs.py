"""Jobs that a command has put in: it takes them itself where no worker looks after the device,
else it waits for the one that does, and takes over from one that dies. Their log is shown as it
grows.
"""

from __future__ import annotations

import codecs
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio import request_ids
from studio.context import Report
from studio.database.availability import DatabaseAway
from studio.jobs import queue
from studio.jobs.table import Job, Lane
from studio.masking import masked
from studio.settings import Settings
from studio.worker.supervisor import Command, Pace, Slot, Worker, child, clock


@contextmanager
def taking(
    settings: Settings,
    engine: Engine,
    lane: Lane,
    *,
    warm: bool = False,
    pace: Pace | None = None,
    command: Command = child,
    now: Callable[[], datetime] = clock,
) -> Iterator[Worker]:
    """What takes this process's own jobs of `lane`. With `warm` one process does them all, and
    keeps what it loaded; else each has its own."""
    quiet = pace or Pace()
    worker = Worker(settings, engine, lambda line: None, quiet, command, now, role="command")
    worker.open([Slot(lane, warm)])
    try:
        yield worker
    finally:
        worker.close()


def attend(worker: Worker, job: Job, say: Report) -> Job:
    """The job once it has ended, done here or by another; `say` is told each line of its log.

    SIGINT and SIGTERM cancel it; once it has ended then, KeyboardInterrupt is raised, and for a
    second signal at once.
    """
    log, told = Log(worker.settings.home / job.log), ""
    mark = request_ids.mark(job.request_id)
    worker.only = job.id
    with _signals() as came:
        cancelled = False
        while True:
            try:
                if came and not cancelled:
                    say(f"Job {job.id} is being cancelled; once more Ctrl-C waits for no end.")
                    queue.cancel(worker.engine, job.id, worker.settings.user, worker.now())
                    cancelled = True
                worker.look()
                row = queue.get(worker.engine, job.id)
                news = _standing(worker, row)
                if news and news != told:
                    told = news
                    say(news)
                for line in log.news(row.ended):
                    say(line.removeprefix(mark))
                if row.ended and not (worker.busy and not worker.slots[0].warm):
                    break
            except DatabaseAway as error:
                say(f"{error.message} Trying again.")
                time.sleep(1)
            time.sleep(worker.pace.look)
    if came and row.state != "done":
        raise KeyboardInterrupt
    return row


class Log:
    """A file that grows, read to its end again and again."""

    def __init__(self, file: Path) -> None:
        self.file, self.read, self.rest = file, 0, ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def news(self, all: bool = False) -> list[str]:
        """The lines that are whole since the last call; with `all` also what no end closes yet."""
        try:
            with self.file.open("rb") as opened:
                opened.seek(self.read)
                found = opened.read()
        except FileNotFoundError:
            return []
        self.read += len(found)
        *lines, self.rest = (self.rest + self.decoder.decode(found)).split("\n")
        if all and self.rest:
            lines, self.rest = [*lines, self.rest], ""
        return [masked(line) for line in lines]


def _standing(worker: Worker, job: Job) -> str:
    """Who has the job, or what it waits for; empty where it is ours, or has ended."""
    if job.state == "running":
        return "" if job.worker == worker.name else f"Job {job.id} is run by {job.worker}."
    if not worker.schema.fits and not job.ended:
        return f"A newer program has changed the database; job {job.id} waits for its worker."
    if job.gpu_gb > worker.places.gpu_gb and job.lane != "elsewhere" and not job.ended:
        return (
            f"Job {job.id} needs a GPU of {job.gpu_gb:g} GB, which this machine has not: it waits "
            "for a worker that has one."
        )
    holder = worker.lanes[job.lane].holder
    if job.ended or not holder:
        return ""
    before = queue.ahead(worker.engine, job)
    return f"The {holder} has this device; job {job.id} waits, {before} before it in the queue."


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The signals to end that came; a second one raises KeyboardInterrupt."""
    came: list[int] = []

    def note(number: int, frame: object) -> None:
        came.append(number)
        if len(came) > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
