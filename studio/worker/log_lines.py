"""A job's log: each line of it begins with the id of the request that asked for the job.

Not covered: what a library's C code writes past Python, and the words of processes that a job
starts.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TextIO

from studio import request_ids
from studio.jobs.table import Job

WARM = "jobs/interactive.txt"  # what the interactive process says between jobs
ELSEWHERE = "jobs/elsewhere.txt"  # the same of those whose jobs other machines compute

_mark = ""  # of the job that this process is at


class Marked(io.TextIOWrapper):
    """Takes the place of standard output or error; logging may hold it longer than one job."""

    within_line = False

    def __init__(self, before: TextIO) -> None:
        super().__init__(before.buffer, before.encoding, before.errors, line_buffering=True)

    def write(self, text: str, /) -> int:
        if not text:
            return 0
        ends = text.endswith("\n")
        lines = text[:-1].split("\n") if ends else text.split("\n")
        first = "" if self.within_line else _mark
        super().write(first + f"\n{_mark}".join(lines) + ("\n" if ends else ""))
        self.within_line = not ends
        return len(text)


def install() -> None:
    """From here on what this process prints is marked with the job that it is at."""
    sys.stdout, sys.stderr = Marked(sys.stdout), Marked(sys.stderr)


@contextmanager
def about(id: str) -> Iterator[None]:
    """What is done within, and said, belongs to the request `id`; jobs that it asks for, too. So do
    the last words of a process that an error ends."""
    global _mark
    _mark = request_ids.mark(id)
    with request_ids.within(id):
        yield
    _mark = ""


def opened(home: Path, job: Job | None, now: datetime, own: str = WARM) -> IO[bytes]:
    """The file that a process writes into: its job's log at the end, begun with a line about the
    attempt; without a job its `own`, the interactive process's anew."""
    file = home / (job.log if job else own)
    file.parent.mkdir(parents=True, exist_ok=True)
    log = file.open("wb" if own == WARM and job is None else "ab")
    if job:
        begins = f"-- attempt {job.attempt}, {now:%Y-%m-%d %H:%M:%S} UTC\n"
        log.write(f"{request_ids.mark(job.request_id)}{begins}".encode())
        log.flush()
    return log
