"""A job's three steps, one after the other, gone on with where an attempt before was cut off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from studio.context import set_threads
from studio.database.availability import DatabaseAway
from studio.database.engine import writing
from studio.jobs import leases
from studio.jobs.emit import Answer, Emit, Event
from studio.store.publish import publish
from studio.worker.context import Context, Gone, Models
from studio.worker.kind import Kind, Outcome, Work
from studio.worker.payload import P

COMPUTED = "outcome.json"


def run(
    kind: Kind[P],
    context: Context,
    ask: P,
    models: Models,
    stepped: Callable[[int, int], None],
    elsewhere: Callable[[Work, Emit], Outcome] | None = None,
) -> dict[str, Any]:
    """What the job gives. An outcome that is on the disk is not computed again; what is computed
    is with `models`, and `stepped` as `Emit` has it; or by `elsewhere`, on another machine."""
    outcome = Outcome()
    if kind.compute is not None and kind.prepare is not None:
        work = kind.prepare(context, ask)
        work.workdir.mkdir(parents=True, exist_ok=True)
        if elsewhere is None:
            set_threads(context.studio.settings)
        send = _home(kind, context, ask, work.workdir)
        emit = Emit(work.workdir, send, context.report, stepped)
        emit.again()
        before = computed(work, context.job.id)
        if before is None and elsewhere is not None:
            outcome = elsewhere(work, emit)
        else:
            given = (work.inputs, work.params, work.workdir, models, emit)
            outcome = before or kind.compute(*given)
        context.settle()
        if before is None:
            kept = {"job": context.job.id, **asdict(outcome)}
            publish(work.workdir / COMPUTED, json.dumps(kept))
    with writing(context.studio.engine) as connection:
        if not leases.ours(connection, context.job.id, context.job.attempt):
            raise Gone
    return kind.commit(context, ask, outcome)


def computed(work: Work, job: int) -> Outcome | None:
    """What this job computed before it was cut off, where all its files are as they were."""
    try:
        kept = json.loads((work.workdir / COMPUTED).read_text())
        if kept.pop("job") != job:
            return None
        outcome = Outcome(**kept)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = all(digest(work.workdir / name) == hash for name, hash in outcome.files.items())
    return outcome if whole else None


def digest(file: Path) -> str:
    """The SHA-256 of a file, "" where it is not there."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def _home(kind: Kind[P], context: Context, ask: P, workdir: Path) -> Callable[[Event], Answer]:
    """What takes events: applies each once, and notes it with its answer, behind whatever MLflow
    has still to be told of it. Sent again, an event is answered as the first time."""
    job, engine = context.job, context.studio.engine
    known = leases.applied(engine, job.id)

    def note(number: int, answer: Answer) -> None:
        try:
            ours = leases.apply(engine, job.id, job.attempt, number, answer)
        except DatabaseAway as error:  # told later, like MLflow
            raise ConnectionError(error.message) from error
        if not ours:
            raise Gone

    def take(event: Event) -> Answer:
        if event.number in known:
            return known[event.number]
        answer = kind.apply(context, ask, workdir, event)
        known[event.number] = answer
        context.tell(partial(note, event.number, answer))
        return answer

    return take
