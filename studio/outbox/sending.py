"""Sending what waits: several files at once, each once its bytes are what was noted."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.database.engine import writing
from studio.errors import StudioError
from studio.outbox import files
from studio.outbox.files import Stored
from studio.store.bucket import OBJECTS, Bucket
from studio.store.bucket_errors import Away, Refused

AT_ONCE = 8
NICE = 10
BATCH = 64  # files whose rows are written in one transaction


def send_due(
    engine: Engine, home: Path, bucket: Bucket, now: Callable[[], datetime], most: int = BATCH
) -> int:
    """Send up to `most` files that are due; how many are up now.

    A file that can't be read is put off, and its row says why. Away or Refused where the bucket
    takes nothing: what was sent before counts, the rest waits as it did.
    """
    waiting = files.due(engine, now(), most)
    if not waiting:
        return 0
    told = _try_all(home, bucket, waiting)
    sent = [one for one, error in zip(waiting, told, strict=True) if error is None]
    with writing(engine) as connection:
        files.note_up(connection, sent, now())
        for one, error in zip(waiting, told, strict=True):
            if isinstance(error, StudioError) and not isinstance(error, Away | Refused):
                gone = not (home / one.path).exists()
                files.put_off(connection, one, error.message, now(), gone)
    for error in told:
        if isinstance(error, Away | Refused):
            raise error
    return len(sent)


def send(home: Path, bucket: Bucket, one: Stored) -> None:
    """Bring one file into the bucket, where it need not be sent if it is there by its hash."""
    if one.key.startswith(OBJECTS):
        bucket.send_once(one.key, home / one.path, one.hash)
    else:
        bucket.send(one.key, home / one.path, one.hash)


def _try_all(home: Path, bucket: Bucket, waiting: Sequence[Stored]) -> list[StudioError | None]:
    """What hindered each. Once the bucket takes nothing the rest is not tried."""
    hindered: list[StudioError] = []

    def attempt(one: Stored) -> StudioError | None:
        if hindered:
            return hindered[0]
        try:
            send(home, bucket, one)
        except StudioError as error:
            if isinstance(error, Away | Refused):
                hindered.append(error)
            return error
        return None

    with ThreadPoolExecutor(min(AT_ONCE, len(waiting)), "outbox", give_way) as pool:
        return list(pool.map(attempt, waiting))


def give_way() -> None:
    """People's pages come first. Linux takes a thread for a process here; elsewhere it is not
    asked for. Whoever gave the studio a lower priority still keeps it: only root may raise one."""
    if sys.platform == "linux":
        me = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, me, max(NICE, os.getpriority(os.PRIO_PROCESS, me)))
