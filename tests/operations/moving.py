"""A studio of many small files to be moved, and a process of the move that dies on the way.

    python -m tests.operations.moving s3|folder N WORD

does `store move` and ends itself by kill -9 behind the N-th thing done that names WORD: a call of
the bucket (send, digest, bring, remove) or a statement of SQL.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from studio.cli.main import main
from studio.settings import Settings
from studio.store.bucket import Bucket
from studio.store.publish import publish
from tests.tracking.written_records import told, write_down

SMALL = b"\x89PNG\r\n\x1a\n"
CALLS = ("send", "digest", "bring", "remove")


def fill(settings: Settings, pictures: int) -> None:
    """A studio with so many files of pictures, half of them of a dataset; versions of two styles
    with their files, one of them with a space in its name; and what is no part of a move."""
    told(settings)  # opened once
    write_down(settings, (1, 2, 3))
    write_down(settings, (4,), style="Old Items")
    bytes_of = random.Random(7).randbytes
    for number in range(pictures):
        data = SMALL + bytes_of(40 + number % 200)
        digest = hashlib.sha256(data).hexdigest()
        place = f"datasets/pictures/{digest[:2]}/{digest}.png"
        if number % 2:
            place = f"generated/items/v{number % 50}/items-{number:05d}.png"
        file = settings.home / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    publish(settings.home / "datasets" / "items" / "0123456789ab.json", "{}")
    publish(settings.home / "cache" / "thumbnails" / "x.webp", b"again")
    publish(settings.home / "runs" / "items" / "r1" / "step-1" / "state", b"a checkpoint")


def kept(settings: Settings) -> dict[str, str]:
    """SHA-256 of every file that a move is about, by its path."""
    top = settings.home
    found = (path for path in top.rglob("*") if path.is_file())
    names = {path.relative_to(top).as_posix(): path for path in found}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if name.startswith(("datasets/", "generated/", "mlruns/"))
    }


def _mortal(word: str, left: int) -> None:
    """Die behind the thing that is named so, the `left`-th time."""

    def passing(what: str) -> None:
        nonlocal left
        left -= word in what
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            answer = real(*given, **named)
            passing(f"bucket.{name}")
            return answer

        return call

    for name in CALLS:
        setattr(Bucket, name, dying(name, getattr(Bucket, name)))
    sa.event.listen(
        sa.Engine, "after_cursor_execute", lambda c, cursor, words, *more: passing(words)
    )


if __name__ == "__main__":
    to, left, word = sys.argv[1:]
    _mortal(word, int(left))
    sys.exit(main(["store", "move", to, "--json"]))
