"""A studio of many small files to be moved, and processes of the move that die on the way.

    python -m tests.operations.moving

reads lines `["s3" or "folder", N, WORD]` and does `store move` for each in a process of its own, a
fork of this one, so that what takes seconds to load is loaded once. That one ends itself by kill -9
behind the N-th thing done that names WORD: a call of the bucket (send, digest, bring, remove) or a
statement of SQL. A line `[exit code, what the command answered]` tells of each.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from studio.cli.main import main
from studio.settings import CHECKOUT, Settings
from studio.store.bucket import Bucket
from studio.store.publish import publish
from tests.tracking.written_records import told, write_down

SMALL = b"\x89PNG\r\n\x1a\n"
CALLS = ("send", "digest", "bring", "remove")
LOADED = ("boto3.session", "botocore.config", "botocore.exceptions", "studio.operations.store_move")

# `store move TO` that dies behind the N-th WORD: its exit code, and what it answered.
Move = Callable[[str, int, str], tuple[int, dict[str, Any]]]


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


@contextmanager
def moves(settings: Settings, log: Path) -> Iterator[Move]:
    """The process that forks those of the move; what they say while they work goes into `log`."""
    store = settings.store
    around = {
        **os.environ,
        "STUDIO_HOME": str(settings.home),
        "STUDIO_DATABASE_URL": settings.database_url or "",
        "STUDIO_PORT": str(settings.port),
        "STUDIO_STORE": "s3",
        "STUDIO_STORE_BUCKET": store.bucket,
        "STUDIO_STORE_PREFIX": store.prefix,
        "STUDIO_STORE_ENDPOINT": store.endpoint,
        "STUDIO_STORE_REGION": store.region,
    }
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.operations.moving"],
            cwd=CHECKOUT,
            env=around,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    wishes, answers = process.stdin, process.stdout
    assert wishes is not None and answers is not None

    def move(to: str, left: int, word: str) -> tuple[int, dict[str, Any]]:
        print(json.dumps([to, left, word]), file=wishes, flush=True)
        line = answers.readline()
        assert line, log.read_text()[-3000:]
        code, answer = json.loads(line)
        assert code in (0, -signal.SIGKILL), log.read_text()[-3000:]
        return code, answer

    try:
        yield move
    finally:
        process.kill()
        process.communicate()


def _forked(to: str, left: int, word: str) -> tuple[int, dict[str, Any]]:
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            _mortal(word, left)
            os._exit(_moved(to))  # the loop that forked this one is none of its own
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        return code, json.loads(out.read()) if code == 0 else {}


def _moved(to: str) -> int:
    try:
        code = main(["store", "move", to, "--json"])
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        return 1
    return code


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
    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(_forked(*json.loads(line))), flush=True)
