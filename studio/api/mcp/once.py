"""A job that is asked for twice under one key is one job, as by REST (`studio.api.idempotency`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from studio import context
from studio.api import idempotency
from studio.api.calls import Caller
from studio.api.idempotency import Answer, Place
from studio.jobs import queue
from studio.jobs.table import Job


def job(
    caller: Caller, tool: str, key: str, asked: Mapping[str, Any], ask: Callable[[str | None], Job]
) -> Job:
    """The job that `ask` puts in under a mark of the queue's; that of the first call where `key`
    was sent before. StudioError where it was sent for something else."""
    if not key:
        return ask(None)
    engine = caller.studio.engine
    place = Place(str(caller.by), f"MCP {tool}", idempotency.checked(key))
    wish = idempotency.asked_for(tool, b"", json.dumps(asked, sort_keys=True).encode())
    begun = idempotency.begin(engine, place, wish, context.now())
    if begun.answer is not None:
        return queue.get(engine, int(begun.answer.body))
    try:
        made = ask(begun.mark)
    except BaseException as error:
        idempotency.give_up(engine, place, begun, done=not idempotency.refused(error))
        raise
    idempotency.end(engine, place, begun, Answer(200, str(made.id)))
    return made
