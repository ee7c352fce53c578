"""A job that a call asks for, put in together with the call's key and its answer: all of it is
stored at once or nothing is, so that whatever is cut off, the key tells what became of the call.

What is asked is checked before, while nobody is kept from writing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from studio import context
from studio.api import idempotency
from studio.api.idempotency import Answer, Begun, Sent
from studio.context import Studio
from studio.database.engine import writing
from studio.jobs.table import Job
from studio.worker import submit

# What is asked, checked once it is called with the call's mark (None: it has no key); the job that
# was asked for under that mark before, if any.
Asked = Callable[[str | None], Job | submit.Ready]
# What is answered about a job, as the connection sees it.
Answers = Callable[[Job, Connection], Answer]


@dataclass(frozen=True)
class Put:
    """What a call is answered, and the job that it put in; None where it was answered before.
    `held` is its key as long as the answer is not kept with it."""

    answer: Answer
    job: Job | None = None
    held: Begun | None = None


def job(studio: Studio, sent: Sent | None, asked: Asked, answers: Answers, *, waits: bool) -> Put:
    """Put the job in. Who `waits` for its end is answered later: the key is held until then.

    Told where the key is another call's, or that one still runs (`idempotency.begin`). A call that
    fails leaves no trace of its key, unless it was sent before: what that one did is known by it.
    """
    engine, now = studio.engine, context.now()
    if sent is None:
        found = asked(None)
        with writing(engine) as connection:
            made = _put(studio, found, None)
            return Put(answers(made, connection), made)
    before = idempotency.resumed(engine, sent, now)
    if before is not None and before.answer is not None:
        return Put(before.answer)
    try:
        found = asked(before.mark if before else None)
        with writing(engine) as connection:
            begun = before or idempotency.begin(engine, sent.place, sent.asked, now)
            if begun.answer is not None:  # the same was sent meanwhile, and was quicker
                return Put(begun.answer)
            made = _put(studio, found, begun.mark)
            answer = answers(made, connection)
            if waits:
                return Put(answer, made, begun)
            idempotency.end(engine, sent.place, begun, answer)
            return Put(answer, made)
    except Exception as error:
        if before is not None:
            done = not idempotency.refused(error)
            idempotency.give_up(engine, sent.place, before, done)
        raise


def _put(studio: Studio, found: Job | submit.Ready, mark: str | None) -> Job:
    return found if isinstance(found, Job) else submit.put(studio, found, mark)


def keep(studio: Studio, sent: Sent | None, put: Put, answer: Answer) -> None:
    """Keep what a call that waited is answered."""
    if sent is not None and put.held is not None:
        idempotency.end(studio.engine, sent.place, put.held, answer)


def let_go(studio: Studio, sent: Sent | None, put: Put) -> None:
    """A call that waited failed: the next with its key finds the job."""
    if sent is not None and put.held is not None:
        idempotency.give_up(studio.engine, sent.place, put.held, done=True)
