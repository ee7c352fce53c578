"""Files that may lie in the bucket alone: brought back to where they were when somebody reads them.

A process tells once which bucket is a studio's (`attach`); without one a file is where it is, or
gone. What was brought back stays until room is made again (`studio.outbox.eviction`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from studio.errors import StudioError
from studio.store.bucket import Bucket
from studio.store.bucket_errors import Absent, Away

QUIET_S = 5.0  # after the bucket did not answer; then one asks it, and nobody else waits


@dataclass(frozen=True)
class Known:
    """A file that is in the bucket: its key, the SHA-256 of its bytes, and when it was noted, in
    seconds since 1970."""

    key: str
    hash: str
    at: float


@dataclass
class Attached:
    """The bucket of the studio `id`; `find` tells of a path within its folder what is in the
    bucket, and `paths` which paths a file with this SHA-256 has."""

    bucket: Bucket
    id: str
    find: Callable[[str], Known | None]
    paths: Callable[[str], Sequence[str]]
    claimed: bool = False
    away: bool = False  # it did not answer when it was last asked
    quiet_until: float = 0.0
    asks: threading.Lock = field(default_factory=threading.Lock)
    bringing: dict[str, threading.Lock] = field(default_factory=dict)


_attached: dict[Path, Attached] = {}
_lock = threading.Lock()
_aside = ThreadPoolExecutor(4, thread_name_prefix="files of the bucket")


class Coming(StudioError):
    """A file is being brought back, and nobody waits for it here."""


def _nobody() -> bool:
    """Whoever asks for a file waits for it."""
    return False


_hurries: Callable[[], bool] = _nobody


def never_wait_where(hurries: Callable[[], bool]) -> None:
    """From here on the bucket is asked aside for whoever `hurries` tells of, such as a page."""
    global _hurries
    _hurries = hurries


def attach(home: Path, its: Attached) -> None:
    """From here on this process reads the files of the studio at `home` from there, too."""
    _attached[home] = its


def detach(home: Path) -> None:
    """The studio at `home` has its files in its folder alone."""
    _attached.pop(home, None)


def bucket_of(home: Path) -> Bucket | None:
    """The bucket of the studio at `home`, where it has one."""
    found = _attached.get(home)
    return found.bucket if found else None


def claim(home: Path) -> None:
    """See once to it that the place in the bucket is this studio's, before anything is written
    there. As `Bucket.claim`."""
    its = _attached[home]
    if not its.claimed:
        its.bucket.claim(its.id)
        its.claimed = True


def present(file: Path) -> Path:
    """The same path, with the file at it where it was in the bucket alone; one that is nowhere
    stays gone. Away where the bucket doesn't answer, Coming where it is not waited for, StudioError
    where the file was changed there or the disk is full."""
    if file.exists():
        return file
    for home, its in _of(file):
        path = file.relative_to(home).as_posix()
        known = its.find(path)
        if known is not None and not _hurries():
            _bring(its, known, path, file)
        elif known is not None:
            _aside.submit(_bring, its, known, path, file)
            raise Coming(f"{file.name} is being brought back from the bucket.", "Load it again.")
    return file


def hash_of(file: Path) -> str | None:
    """The SHA-256 of a file that is in the bucket, by the rows; None where it is not there."""
    for home, its in _of(file):
        known = its.find(file.relative_to(home).as_posix())
        return known.hash if known else None
    return None


def path_of(folder: Path, digest: str) -> Path | None:
    """Where under `folder` a file with this SHA-256 lay that is in the bucket alone by now."""
    for home, its in _of(folder):
        found = (home / path for path in its.paths(digest))
        return next((path for path in found if path.is_relative_to(folder)), None)
    return None


def _of(file: Path) -> Iterator[tuple[Path, Attached]]:
    """The studio that a path is of, with its bucket."""
    for home, its in list(_attached.items()):
        if file.is_relative_to(home):
            yield home, its


@contextmanager
def _alone(its: Attached, path: str) -> Iterator[None]:
    """Of many who ask for a file at once one brings it."""
    with _lock:
        lock = its.bringing.setdefault(path, threading.Lock())
    try:
        with lock:
            yield
    finally:
        with _lock:
            its.bringing.pop(path, None)


def _bring(its: Attached, known: Known, path: str, file: Path) -> None:
    with _alone(its, path):
        if not file.exists():
            _fetch(its, known, file)


def _fetch(its: Attached, known: Known, file: Path) -> None:
    with _asking(its):
        try:
            its.bucket.bring(known.key, file, known.hash)
        except Absent:
            return  # whoever reads the file says that it is gone
    with suppress(OSError):  # its time is that of its row, so that it passes for no newer one
        os.utime(file, (time.time(), known.at))


@contextmanager
def _asking(its: Attached) -> Iterator[None]:
    """For many who ask a bucket that hangs: Away at once, but for one who finds out whether it
    answers again."""
    was_away = its.away
    if was_away and (time.monotonic() < its.quiet_until or not its.asks.acquire(blocking=False)):
        raise Away(f"{its.bucket.place.server} does not answer.", "Try again in a minute.")
    away = False
    try:
        yield
    except Away:
        away, its.quiet_until = True, time.monotonic() + QUIET_S
        raise
    finally:
        its.away = away
        if was_away:
            its.asks.release()
