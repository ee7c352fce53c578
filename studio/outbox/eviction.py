"""Room in the studio's folder: pictures that are in the bucket, too, need not all stay in it."""

from __future__ import annotations

import heapq
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from studio.outbox import files
from studio.outbox.files import Stored
from studio.outbox.tables import UP
from studio.store.at_once import at_once
from studio.store.bucket import Bucket

# What is in these is read through `studio.images`, which has it brought back (`studio.context`).
MAY_GO = ("datasets/pictures/", "finished/", "generated/", "painted/")
PICTURES = (".png", ".webp", ".jpg", ".jpeg")
AT_ONCE = 2_000  # files in one round


def bound(engine: Engine, home: Path, bucket: Bucket, most: int) -> int:
    """Take pictures away from the folder, those first that nobody read for longest, until those
    that are in the bucket take at most `most` bytes in it; how many. Each is asked for in the
    bucket first."""
    held, found = 0, list[tuple[float, int, Stored]]()
    for one in files.every(engine, UP):
        if not one.path.startswith(MAY_GO) or not one.path.endswith(PICTURES):
            continue
        with suppress(OSError):
            about = (home / one.path).lstat()
            held += about.st_size
            found.append((max(about.st_atime, about.st_mtime), about.st_size, one))
    going = list[tuple[int, Stored]]()
    for _, size, one in heapq.nsmallest(AT_ONCE, found, key=lambda told: told[0]):
        if held <= most:
            break
        if size == one.bytes:
            going.append((size, one))
            held -= size
    gone, there = 0, at_once(lambda told: bucket.size(told[1].key), going)
    for (size, one), is_there in zip(going, there, strict=True):
        if is_there == size:
            with suppress(OSError):
                (home / one.path).unlink()
                gone += 1
    return gone
