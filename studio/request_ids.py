"""The id of the request that is being answered: taken from whoever asks or made at the door, told
back, kept with a job that comes of it, and in front of each line that either writes into a log.

Python's own logging is covered (`in_logs`); what is printed in a job: `studio.worker.log_lines`.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from studio import masking

FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_current: ContextVar[str] = ContextVar("request id", default="")


def made() -> str:
    """A new one: 16 letters and digits that no other has."""
    return secrets.token_hex(8)


def checked(told: str) -> str:
    """The id that somebody gave, or a new one where that is none: it has 1 to 64 letters, digits,
    dots, - and _, and looks like no secret, since it will stand in logs."""
    fits = FORM.fullmatch(told) is not None and masking.masked(told) == told
    return told if fits else made()


def current() -> str:
    """That of the request that is being answered here, or of the job that runs; "" for none."""
    return _current.get()


@contextmanager
def within(id: str) -> Iterator[None]:
    """What is done within belongs to the request `id`."""
    token = _current.set(id)
    try:
        yield
    finally:
        _current.reset(token)


def mark(id: str) -> str:
    """What a line of a log begins with; "" without an id, as jobs of before had none."""
    return f"[{id}] " if id else ""


def in_logs() -> None:
    """From here on this process logs without secrets (`masking.in_logs`), and with the id."""
    masking.in_logs()
    logging.setLogRecordFactory(_record)


def _record(*given: Any, **more: Any) -> logging.LogRecord:
    record = masking.record(*given, **more)
    if id := current():
        record.msg = f"{mark(id)}{record.msg}"
    return record
