"""Room on the disk, promised before it is written: of many who begin at once none is promised what
another was.

cache/room.json   what is promised now, one entry each: until when, how much, on which disk

A promise is kept up by its process and runs out by itself soon after a kill.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from studio.errors import StudioError
from studio.store.publish import publish

SPARE = 512 * 1024**2  # bytes that stay free whatever is brought in
SMALL = 4 * 1024**2  # bytes that need no promise: what must stay free has room for many such
LEASE_S = 120.0
RENEWED_S = 30.0

Entry = tuple[float, int, int]  # until (as time.time), bytes, device


class Promise:
    """Room that is held for one write. `written` tells how much of it is on the disk by now."""

    def __init__(self, home: Path, size: int, device: int) -> None:
        self.home, self.left, self.device = home, size, device
        self.id = secrets.token_hex(8)
        self.ended = threading.Event()

    def written(self, done: int) -> None:
        """Of `done` bytes the disk itself tells."""
        self.left = max(0, self.left - done)

    def keep(self) -> None:
        """Hold it until it is given back."""
        while not self.ended.wait(RENEWED_S):
            with _ledger(self.home) as held:
                held[self.id] = (time.time() + LEASE_S, self.left, self.device)


@contextmanager
def reserving(home: Path, into: Path, size: int, spare: int) -> Iterator[Promise]:
    """Hold `size` bytes of the disk that `into` lies on, beside `spare` that must stay free, for
    the block. StudioError where there is less than that, with all that others were promised."""
    device = _existing(into).stat().st_dev
    promise = Promise(home, size, device)
    if size < SMALL and size + spare <= shutil.disk_usage(_existing(into)).free:
        yield promise
        return
    with _ledger(home) as held:
        promised = sum(bytes for _, bytes, on in held.values() if on == device)
        free = shutil.disk_usage(_existing(into)).free - spare - promised
        if size > free:
            beside = f", beside {_big(promised)} that is being written" if promised else ""
            raise StudioError(
                f"the studio's disk is full: it has room for {_big(max(free, 0))}{beside}, and "
                f"this takes {_big(size)}.",
                "Make room on it, or wait until the others are done, then do it again.",
            )
        held[promise.id] = (time.time() + LEASE_S, size, device)
    threading.Thread(target=promise.keep, name="room", daemon=True).start()
    try:
        yield promise
    finally:
        promise.ended.set()
        with _ledger(home) as held:
            held.pop(promise.id, None)


def promised(home: Path) -> int:
    """Bytes that are promised now."""
    with _ledger(home) as held:
        return sum(bytes for _, bytes, _ in held.values())


@contextmanager
def _ledger(home: Path) -> Iterator[dict[str, Entry]]:
    """The promises that hold, to be changed while nobody else can."""
    folder = home / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "room.lock", 60, poll_interval=0.02):
        before = _read(folder / "room.json")
        held = {id: entry for id, entry in before.items() if entry[0] > time.time()}
        yield held
        if held != before:
            publish(folder / "room.json", json.dumps(held), flush=False)


def _read(file: Path) -> Mapping[str, Entry]:
    try:
        found = json.loads(file.read_text("utf-8"))
        return {id: (float(until), int(size), int(on)) for id, (until, size, on) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # none yet, or torn by a power cut: promises of before it hold no more


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _big(size: int) -> str:
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{size / 1024**2:.1f} MB"
