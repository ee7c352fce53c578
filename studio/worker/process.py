"""A worker's child process: `python -m studio.worker.process JOB ATTEMPT` does one job and ends;
`python -m studio.worker.process warm` does those that its worker names on standard input, and so
does `... elsewhere`, which other machines compute: it loads no model.

It writes progress, result or error into the table itself; the worker only watches.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio import masking
from studio.context import Progress, Studio, now, open_studio
from studio.database import engine as db
from studio.database.availability import DatabaseAway
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.jobs.table import Job
from studio.masking import masked
from studio.remote.machines import HERE
from studio.settings import Settings, load_settings
from studio.store import private
from studio.tracking import client
from studio.tracking.bucket_files import OnTheWay
from studio.training import mlflow_reporting
from studio.worker import elsewhere, log_lines, metering, steps
from studio.worker.context import Context, Gone, Models, Warm
from studio.worker.kind_table import KINDS, takes_device
from studio.worker.payload import lifted, read

TELL_S = 1.0  # between two writes of progress
LOOK_S = 0.2  # between two looks whether the job was cancelled
AWAY_S = 180.0  # that the database may be away while a job has something to say
LATER = timedelta(minutes=1)  # after which a job that waits for the bucket looks again


class Cancelled(BaseException):
    """Somebody cancelled the job while it drew."""


class Telling:
    """Progress of one attempt: every line into the log, at most one a second into the table."""

    def __init__(self, engine: Engine, job: Job) -> None:
        self.engine, self.job = engine, job
        self.at = Progress("", 0, 0, "")
        self.told, self.looked, self.waiting = 0.0, 0.0, False

    def __call__(self, line: str) -> None:
        """A line for people; a `Progress` says how far the work is."""
        print(masked(line), flush=True)
        self._note(line)

    def keep(self, kept: Mapping[str, Any]) -> None:
        """What a later attempt goes on from."""
        of = (self.engine, self.job.id, self.job.attempt)
        self._mine(patiently(lambda: leases.keep(*of, kept)))

    def step(self, step: int, steps: int) -> None:
        """One step of a drawing is done; of 0 steps nothing is told. Raises Cancelled, or Gone."""
        if steps:
            self._note(Progress(f"step {step}/{steps}", step, steps, "steps", "drawing"))
        if time.monotonic() - self.looked > LOOK_S:
            self.looked = time.monotonic()
            try:
                row = queue.get(self.engine, self.job.id)
            except DatabaseAway:
                return  # the work goes on; the next look tells
            self._mine(row.attempt == self.job.attempt and not row.ended)
            if row.cancel_by is not None:
                raise Cancelled

    def flush(self) -> None:
        """Write what waits for its second."""
        if self.waiting:
            self._write()

    def _note(self, line: str) -> None:
        at = self.at
        if isinstance(line, Progress):
            at = line
        self.at = Progress(line[:500], at.done, at.total, at.unit, at.phase)
        self.waiting = True
        if time.monotonic() - self.told > TELL_S:
            self._write()

    def _write(self) -> None:
        self.told, self.waiting = time.monotonic(), False
        of, at = (self.engine, self.job.id, self.job.attempt), self.at
        try:
            self._mine(leases.progress(*of, str(at), at.done, at.total, at.unit, at.phase))
        except DatabaseAway:
            self.waiting = True  # the work goes on; the next line tells

    def _mine(self, written: bool) -> None:
        if not written:
            raise Gone


def patiently(write: Callable[[], bool]) -> bool:
    """Write once the database answers, tried for AWAY_S: the work behind it took longer."""
    end = time.monotonic() + AWAY_S
    while True:
        try:
            return write()
        except DatabaseAway:
            if time.monotonic() > end:
                raise
            time.sleep(1)


class Opened:
    """The studio, opened by the first job that asks, so that a refusal becomes that job's error."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.studio: Studio | None = None

    def by(self, user: str) -> Studio:
        """The studio with `user` as the one who acts."""
        if self.studio is None:
            self.studio = open_studio(self.settings)
        return dataclasses.replace(
            self.studio, settings=dataclasses.replace(self.settings, user=user)
        )


def do(engine: Engine, id: int, attempt: int, opened: Opened, warm: Warm) -> None:
    """Do one attempt of a job and write its end, unless it is not ours any more."""
    job = queue.get(engine, id)
    if (job.state, job.attempt) == ("running", attempt):
        with log_lines.about(job.request_id):
            _attempt(engine, job, opened, warm)
            if job.where != HERE and opened.studio is not None:
                _leave(opened.studio, id)


def _attempt(engine: Engine, job: Job, opened: Opened, warm: Warm) -> None:
    id, attempt, telling = job.id, job.attempt, Telling(engine, job)
    try:
        if job.kind not in KINDS:
            raise StudioError(f"This worker knows no {job.kind!r}.", "Start it anew; it is older.")
        kind = KINDS[job.kind]
        ask = read(kind.payload, lifted(job.payload, job.schema, kind.lifts))
        studio = opened.by(job.asked_by)
        mlflow, settings = mlflow_reporting.Telling(telling), studio.settings
        context = Context(
            studio,
            job,
            telling,
            telling.keep,
            mlflow.tell,
            mlflow.end,
        )
        away = job.where != HERE
        models = Models(settings.device, settings.threads, settings.home / "cache", warm)
        there = partial(elsewhere.compute, context, kind) if away else None
        with _metered(takes_device(job) and not away, studio, job):
            result = steps.run(kind, context, ask, models, telling.step, there)
        telling.flush()
        plain = json.loads(json.dumps(result, default=str))
        patiently(lambda: leases.finish(engine, id, attempt, plain, now()))
    except DatabaseAway:
        raise  # ending without a word, it is tried again
    except (OnTheWay, elsewhere.Waits) as error:  # what was computed is kept, here or there
        print(error.message, flush=True)
        leases.put_off(engine, id, attempt, error.message, now() + LATER)
    except StudioError as error:
        print(f"{error.message}\n{error.remedy}", flush=True)
        leases.fail(engine, id, attempt, error.message, error.remedy, now())
    except Cancelled:
        leases.drop(engine, id, attempt, now())
    except Gone:
        print("Another worker has this job now.", flush=True)
    except Exception as error:
        told = client.away(error)
        if isinstance(told, DatabaseAway):  # MLflow's records are in the same database
            raise told from error
        print(masking.told(error), file=sys.stderr, flush=True)
        message, remedy = (told.message, told.remedy) if told else in_plain_words(error)
        leases.fail(engine, id, attempt, message, remedy, now())


def _leave(studio: Studio, job: int) -> None:
    """Nothing of a job that has ended stays on its machine; where that does not answer the watcher
    sees to it."""
    with suppress(StudioError):
        if queue.get(studio.engine, job).ended:
            elsewhere.close(studio, job)


def _metered(long: bool, studio: Studio, job: Job) -> AbstractContextManager[None]:
    """What takes the accelerator for itself tells how much of the machine that is."""
    device = base_offers.device(studio.settings.device)
    return metering.metered(studio.home / job.folder, device) if long else nullcontext()


def in_plain_words(error: Exception) -> tuple[str, str]:
    """Message and remedy for an error that nobody foresaw."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            "There was not enough memory for this.",
            "Ask for less at once: a smaller batch, rank or size; or wait until nothing else runs.",
        )
    if isinstance(error, OSError) and error.strerror:
        return (
            f"The system refused: {masked(str(error))}.",
            "Make room or mend the rights, then ask again.",
        )
    return (
        f"The program met an error that it does not know: {type(error).__name__}.",
        "Its log has the details; please pass them on to whoever looks after the studio.",
    )


def stay_warm(engine: Engine, settings: Settings, opened: Opened) -> None:
    """Do each job named on standard input as JOB ATTEMPT, until it is closed."""
    from studio.diffusion import bases, bundled_bases

    warm = Warm()
    try:  # loading the smallest base imports all that drawing needs, before anybody waits
        practice = bases.find_base(bundled_bases.DEFAULT)
        bases.load_pipeline(practice, bases.pick_device(settings.device))
        opened.by(settings.user)
    except StudioError as error:
        print(error, flush=True)  # the first job will meet it again and show it
    take_named(engine, settings, opened, warm)


def take_named(engine: Engine, settings: Settings, opened: Opened, warm: Warm) -> None:
    """Do each job named on standard input as JOB ATTEMPT, until it is closed."""
    for line in iter(sys.stdin.readline, ""):
        id, attempt = map(int, line.split())
        with saying_into(settings.home / queue.get(engine, id).log):
            do(engine, id, attempt, opened, warm)


@contextmanager
def saying_into(file: Path) -> Iterator[None]:
    """Send all that this process says, libraries included, to the end of `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = [os.dup(1), os.dup(2)]
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept in enumerate(before, 1):
            os.dup2(kept, number)
            os.close(kept)
        os.close(log)


def main(words: list[str]) -> int:
    """One job, or those named on standard input."""
    log_lines.install()
    private.keep_private()
    masking.in_logs()
    settings = load_settings()
    engine = db.open_database(settings.home, settings.database_url)
    opened = Opened(settings)
    if words == ["warm"]:
        stay_warm(engine, settings, opened)
    elif words == ["elsewhere"]:
        take_named(engine, settings, opened, Warm(room=1))
    else:
        do(engine, int(words[0]), int(words[1]), opened, Warm(room=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
