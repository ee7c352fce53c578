"""The studio's files by what they hold: each lies under the SHA-256 of its bytes, once.

A file that was changed by hand or is gone is said to be so, whoever asks for it. Its name says
nothing of what it is or whom it is for: the rows that name it do.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from studio.errors import StudioError
from studio.store.publish import ROOM, publishing

FOLDER = "store"  # of the studio's folder
MEND = "Put it back from a backup, or make it anew."
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Flaws:
    """Digests of the files that don't hold what they are named by, and of those not there."""

    changed: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True)
class Store:
    """Files `ab/abcdef...` under `root`, which the first `put` makes.

    Every method raises StudioError where a digest isn't 64 characters, each of 0-9 and a-f, and
    where the system refuses.
    """

    root: Path

    def put(self, content: bytes | Path) -> str:
        """Keep these bytes, or a copy of this file; its SHA-256 once it was read back and compared.

        What is there already is kept once, and replaced where it was changed. Whatever ends this
        early leaves the whole file or none.
        """
        digest = digest_of(content)
        path = self.path(digest)
        if not _is_whole(path, digest):
            with publishing(path) as aside:
                _write(aside, content, digest)
                # A second name shares the bytes: whoever opens one to write is refused.
                with suppress(OSError):  # not every file system knows such rights
                    aside.chmod(stat.S_IMODE(aside.stat().st_mode) & ~0o222)
        return digest

    def get(self, digest: str) -> bytes:
        """What was put; StudioError where it is gone or was changed."""
        path = self.path(digest)
        with _reading(path), _opened(path) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise _changed(path)
        return data

    def open(self, digest: str) -> BufferedReader:
        """The file, to be read and closed by the caller; it was read to its end and compared.

        StudioError where it is gone or was changed.
        """
        path = self.path(digest)
        with _reading(path):
            file = _opened(path)
            try:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == digest
                file.seek(0)
            except OSError:
                file.close()
                raise
        if not whole:
            file.close()
            raise _changed(path)
        return file

    def has(self, digest: str) -> bool:
        """Whether there is such a file; that nobody changed it, only reading it can say."""
        path = self.path(digest)
        with _reading(path):
            return path.is_file() and not path.is_symlink()

    def fetch(self, digest: str, target: Path) -> None:
        """Give the file a second name, in the place of what `target` was; a copy where the file
        system can't. It stays when the store's own is deleted.

        StudioError where the file is gone or was changed.
        """
        path = self.path(digest)
        self.open(digest).close()
        with publishing(target) as aside:
            try:
                os.link(path, aside, follow_symlinks=False)
            except OSError:  # another file system, or one without such names
                _write(aside, path, digest)

    def delete(self, digest: str) -> None:
        """Take the file away; nothing where there is none."""
        path = self.path(digest)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StudioError(f"{path} can't be deleted: {error.strerror}.", ROOM) from error

    def path(self, digest: str) -> Path:
        """Where the file lies, or would: for what wants a path, to read it only."""
        return self.root / check_digest(digest)[:2] / digest

    def digests(self) -> Iterator[str]:
        """The name of every file there, in order; names of another form are nobody's."""
        for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")):
            if _DIGEST.fullmatch(path.name) and path.name[:2] == path.parent.name:
                yield path.name

    def check(self, named: Iterable[str] = ()) -> Flaws:
        """Read every file: which were changed, and which of those `named` are gone."""
        there = dict.fromkeys(self.digests())
        changed = [one for one in there if not _is_whole(self.path(one), one)]
        gone = sorted(one for one in set(named) if one not in there)
        return Flaws(tuple(changed), tuple(gone))


def check_digest(digest: str) -> str:
    """The same, or StudioError: it names files and objects."""
    if not _DIGEST.fullmatch(digest):
        raise StudioError(
            f"{digest!r} is no SHA-256.", "It has 64 characters, each of 0-9 and a-f."
        )
    return digest


def store_of(home: Path) -> Store:
    """The store of the studio that has this folder."""
    return Store(home / FOLDER)


def _opened(path: Path) -> BufferedReader:
    """The file itself: what a link leads to is not the store's, and in no backup."""
    flags = os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe would be waited for
    return open(path, "rb", opener=lambda name, kind: os.open(name, kind | flags))


def digest_of(content: bytes | Path) -> str:
    """The SHA-256 of these bytes, or of this file's; StudioError where that can't be read."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    try:
        with content.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StudioError(
            f"{content} can't be read: {error.strerror}.", "Look at its name and its permissions."
        ) from error


def _is_whole(path: Path, digest: str) -> bool:
    try:
        with _opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def _write(aside: Path, content: bytes | Path, digest: str) -> None:
    """Write, read back and compare."""
    if isinstance(content, bytes):
        aside.write_bytes(content)
    else:
        shutil.copyfile(content, aside)
    if not _is_whole(aside, digest):
        raise StudioError(
            f"What was written as {digest} reads back as something else.",
            "Its file was changed meanwhile, or the disk fails: try again, then check the disk.",
        )


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Says plainly that a file of the store is gone, or why it can't be read."""
    try:
        yield
    except FileNotFoundError as error:
        raise StudioError(f"{path}, a file of the store, is gone.", MEND) from error
    except OSError as error:
        said = "a link stands in its place" if path.is_symlink() else error.strerror
        raise StudioError(f"{path}, a file of the store, can't be read: {said}.", MEND) from error


def _changed(path: Path) -> StudioError:
    return StudioError(
        f"{path}, a file of the store, was changed: its SHA-256 is no longer its name.", MEND
    )
