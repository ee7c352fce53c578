"""SHA-256 of large files, read once and again when a file's size or time of change differs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.store.publish import publish

KEPT = "cache/base_weights.json"  # in the studio's folder


@dataclass(frozen=True)
class Known:
    """What was read, by file: its size, its time of change in ns, and its SHA-256."""

    files: dict[str, list[Any]]

    def find(self, file: Path) -> str:
        """The file's hash without reading it: "" where that was not done as it is now."""
        told = self.files.get(str(file), ["", "", ""])
        return str(told[2]) if told[:2] == _mark(file) else ""

    def read(self, file: Path) -> str:
        """The file's hash, some seconds for each 5 GB that were not read before. OSError."""
        mark, found = _mark(file), self.find(file)
        if not found:
            with file.open("rb") as opened:
                found = hashlib.file_digest(opened, "sha256").hexdigest()
            self.files[str(file)] = [*mark, found]
        return found


@contextmanager
def reading(home: Path) -> Iterator[Known]:
    """What was read before; what is read with it is kept behind it."""
    known = looked_up(home)
    before = dict(known.files)
    yield known
    if known.files != before:
        there = {file: told for file, told in known.files.items() if os.path.isfile(file)}
        with suppress(StudioError):  # on a full disk it is read again the next time
            publish(home / KEPT, json.dumps(there), flush=False)


def looked_up(home: Path) -> Known:
    """What was read before."""
    try:
        told = json.loads((home / KEPT).read_text("utf-8"))
        return Known({str(file): list(one) for file, one in told.items() if len(one) == 3})
    except (OSError, ValueError, AttributeError, TypeError):
        return Known({})


def _mark(file: Path) -> list[int]:
    stat = file.stat()
    return [stat.st_size, stat.st_mtime_ns]
