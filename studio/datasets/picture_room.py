"""Room on the disk for a folder's pictures, held before the first of them is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from studio.errors import StudioError
from studio.store import reserved_room
from studio.store.reserved_room import Promise


@contextmanager
def held(
    home: Path,
    store: Path,
    folder: Path,
    files: Collection[Path],
    is_stored: Callable[[str], bool],
) -> Iterator[Promise]:
    """Hold what these files of a folder take in the store, for the block; `is_stored` tells by a
    SHA-256 what takes nothing. StudioError, naming the folder and both sizes, where there is less
    room."""
    with ExitStack() as block:

        def hold(some: Collection[Path]) -> Promise:
            size = sum(file.stat().st_size for file in some if file.is_file())
            spare = reserved_room.SPARE if size else 0
            return block.enter_context(reserved_room.reserving(home, store, size, spare))

        try:
            promise = hold(files)
        except StudioError:
            # What is stored already is not written again; to know it, the files have to be read.
            try:
                promise = hold([file for file in files if not _is_there(file, is_stored)])
            except StudioError as error:
                raise StudioError(f"{folder}: {error.message}", error.remedy) from error
        yield promise


def _is_there(file: Path, is_stored: Callable[[str], bool]) -> bool:
    try:
        with file.open("rb") as opened:
            return is_stored(hashlib.file_digest(opened, "sha256").hexdigest())
    except OSError:
        return True  # it can't be read, and so is not stored either
