"""The files of a computation's folder as home fetches them: each put away under its hash as it was
when it was told of, since the computation may write it again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.jobs.emit import JOURNAL
from studio.store.contents import Store
from studio.worker.steps import COMPUTED

# Home writes these itself: which events it heard, and what came of all.
HOMES = (JOURNAL, COMPUTED)


class Results:
    """What is in `workdir`; its files are put into `store`. `told` are those that home has or was
    told of already, by their hash."""

    def __init__(self, workdir: Path, store: Store, told: Mapping[str, str]) -> None:
        self.workdir, self.store = workdir, store
        self.told = {path: hash for path, hash in told.items() if path not in HOMES}
        self.seen: dict[str, tuple[int, int, int]] = {}  # by path: inode, size, time of change
        self.known: dict[str, list[Any]] = {}  # by path: hash and size

    def changes(self) -> dict[str, list[Any] | None]:
        """The files that are new or changed since the last call, each with its hash and size; None
        for one that is gone."""
        found: dict[str, list[Any] | None] = {}
        there = set[str]()
        for path, entry in _files(self.workdir, ""):
            told = entry.stat(follow_symlinks=False)
            mark = (told.st_ino, told.st_size, told.st_mtime_ns)
            there.add(path)
            if self.seen.get(path) != mark:
                hash = self._put(Path(entry.path))
                self.seen[path], self.known[path] = mark, [hash, told.st_size]
                if self.told.get(path) != hash:
                    self.told[path], found[path] = hash, self.known[path]
        for path in sorted(self.told.keys() - there):
            found[path] = None
            del self.told[path]
            self.known.pop(path, None)
            self.seen.pop(path, None)
        return found

    def _put(self, file: Path) -> str:
        """Keep it as of now: one that was there for long would be swept before home has it."""
        hash = self.store.put(file)
        with suppress(OSError):
            os.utime(self.store.path(hash))
        return hash

    def all(self) -> dict[str, list[Any]]:
        """Every file, as it was at the last look."""
        return dict(self.known)


def _files(folder: Path | str, before: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Each file below, by its path; none that is still being written, and no links."""
    try:
        entries = sorted(os.scandir(folder), key=lambda one: one.name)
    except FileNotFoundError:
        return
    for entry in entries:
        path = before + entry.name
        if entry.name.startswith(".") and entry.name.endswith(".part"):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path, f"{path}/")
        elif entry.is_file(follow_symlinks=False) and path not in HOMES:
            yield path, entry
