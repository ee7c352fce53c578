"""Files that a row is about to name: sent first where workers elsewhere read from the bucket.

A job sends its files ahead of the transaction that names them; in there they are known to be there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from studio.outbox import files, sending
from studio.outbox.files import New, Stored, as_stored
from studio.store import local
from studio.store.bucket import Bucket
from studio.store.bucket_errors import Away

PATIENCE_S = 180.0  # that the bucket may be away while a job has something to keep
AGAIN_S = 3.0
REMEMBERED = 10_000
_there: set[tuple[str, str]] = set()  # place and hash of what this process sent lately


def send_ahead(home: Path, ahead: Iterable[Path]) -> None:
    """Send these files of the studio's folder now, and wait for it, where workers elsewhere read
    from the bucket; else they go up later. StudioError where they can't be sent."""
    bucket = local.bucket_of(home)
    if bucket is None or not bucket.place.elsewhere:
        return
    new = [files.read(home, file.relative_to(home).as_posix()) for file in ahead]
    landed(home, new, PATIENCE_S)


def landed(home: Path, new: Sequence[New], patience_s: float = 0.0) -> bool:
    """Whether these are in the bucket now: sent, where workers elsewhere read from it and they were
    not sent ahead; else False. StudioError where they can't be sent, for `patience_s` tried again
    while it is away."""
    bucket = local.bucket_of(home)
    if bucket is None or not bucket.place.elsewhere:
        return False
    end = time.monotonic() + patience_s
    for one in new:
        mark = (bucket.place.shown, one.hash)
        if mark not in _there:
            _patiently(home, bucket, as_stored(one, datetime.now(UTC)), end)
            if len(_there) > REMEMBERED:
                _there.clear()
            _there.add(mark)
    return True


def note(connection: Connection, new: Sequence[New], now: datetime, up: bool) -> None:
    """Note files in the transaction that names them, `up` as `landed` said."""
    files.add(connection, new, now)
    if up:
        files.note_up(connection, [as_stored(one, now) for one in new], now)


def _patiently(home: Path, bucket: Bucket, one: Stored, end: float) -> None:
    while True:
        try:
            local.claim(home)
            sending.send(home, bucket, one)
            return
        except Away:
            if time.monotonic() > end:
                raise
            time.sleep(AGAIN_S)
