"""The one way to put a file or a folder in its place: written aside, flushed, renamed.

A reader sees what was there before or the whole of the new, never a half. What a killed process
leaves is hidden, names its process and ends in `.part`: `studio.store.partial_files` sweeps it.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.errors import StudioError

ROOM = "Make room on the disk or check its permissions, then try again."


@contextmanager
def publishing(
    target: Path,
    *,
    flush: bool = True,
    once: bool = False,
    remedy: str = ROOM,
    errors: tuple[type[Exception], ...] = (),
) -> Iterator[Path]:
    """A path beside `target` to write a file or to make a folder at; what is there at the end of
    the block takes `target`'s place. Where the block raises, `target` stays as it was.

    With `flush` the bytes are on the disk before the name is, so that a power cut leaves the old
    or the new. A folder in the place of another is exchanged for it in two renames; a kill between
    them leaves neither, so what must never be missing is published as a file. With `once`, for a
    folder whose name says what it holds, one that is there by then stays and this one is dropped.

    Raises StudioError that names `target`, with this remedy, where the system refuses to write;
    `errors` are what a library raises for that beside OSError.
    """
    aside = target.with_name(f".{secrets.token_hex(8)}.{os.getpid()}.part")
    refused: tuple[type[Exception], ...] = (OSError, *errors)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        if flush:
            _flush(aside)
        _exchange(aside, target, once)
        if flush:
            _sync(target.parent)
    except refused as error:
        raise StudioError(f"{target} could not be written: {error}", remedy) from error
    finally:
        _remove(aside)  # there only when something went wrong, Ctrl-C included


def publish(target: Path, data: bytes | str, *, flush: bool = True, remedy: str = ROOM) -> None:
    """Put these bytes, or this text in UTF-8, in `target`'s place, as `publishing` does."""
    with publishing(target, flush=flush, remedy=remedy) as aside:
        aside.write_bytes(data.encode() if isinstance(data, str) else data)


def share(source: str | Path, target: str | Path) -> None:
    """Give a file that nobody writes to again a second name; a copy where the file system can't.
    OSError where the source is gone, or the target there."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def remove_folder(folder: Path) -> None:
    """Take a folder away: hidden before it is deleted, so that a kill leaves no half of it."""
    aside = folder.with_name(f".{secrets.token_hex(8)}.{os.getpid()}.part")
    with suppress(FileNotFoundError):  # another process takes it away, too
        os.replace(folder, aside)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(aside: Path, target: Path, once: bool) -> None:
    if once:
        try:
            os.replace(aside, target)
        except OSError:
            if not target.is_dir():  # otherwise another process was first: the same files
                raise
    elif aside.is_dir() and target.is_dir():
        old = target.with_name(f".{secrets.token_hex(8)}.{os.getpid()}.part")
        os.replace(target, old)
        try:
            os.replace(aside, target)
        except BaseException:
            os.replace(old, target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(aside, target)


def _flush(aside: Path) -> None:
    files = [file for file in aside.rglob("*") if file.is_file()] if aside.is_dir() else [aside]
    for file in files:
        _sync(file)
    if aside.is_dir():
        _sync(aside)


def _sync(path: Path) -> None:
    """Have the system write the file, or the folder's names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(aside: Path) -> None:
    if aside.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        with suppress(OSError):  # where its folder could not be made there is none
            aside.unlink()
