"""What the game took: every exported picture, compared with what the studio drew.

The game's own file counts where the studio can read it: the folder of a checkout that the settings
name. Of what went into a zip or the store the studio sees no more than its own files: it is taken
as it was handed out, painted over or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from studio import images
from studio.accounts.rights import check
from studio.assets import files
from studio.assets import uses as records
from studio.assets.uses import RIGHT, Seen
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.generation.gallery_table import Picture
from studio.pixels.compared import compared
from studio.store import local
from studio.workflows import exported
from studio.workflows.exported import Exported

AT_ONCE = 500  # pictures; the rest waits for the next time
BATCH = 500  # of one statement


@dataclass(frozen=True)
class Looked:
    """How many pictures were looked for, how many changed since the last time, and those that
    could not be read, a sentence each; `left` wait for the next time."""

    looked: int
    changed: int
    unread: tuple[str, ...]
    left: int


@dataclass(frozen=True)
class Listed:
    """An exported picture with what became of it, None where nobody looked yet."""

    picture: Picture
    exported: Exported
    use: records.Use | None


def look(studio: Studio, *, by: str, now: datetime, most: int = AT_ONCE) -> Looked:
    """Compare every exported picture whose file changed since the last time, at most so many."""
    check(by, RIGHT)
    known = exported.of(studio.engine)
    held = records.of(studio.engine, known)
    found: list[Seen] = []
    unread: list[str] = []
    looked = left = 0
    for picture in _pictures(studio.engine, list(known)):
        one, before = known[picture.id], held.get(picture.id)
        try:
            file, name, mark = _used(studio, picture, one)
            looked += 1
            if before and (before.mark, before.path) == (mark, name):
                continue
            if len(found) == most:
                left += 1
                continue
            found.append(_seen(studio, picture, file, name, mark))
        except (StudioError, OSError) as error:
            unread.append(f"{one.path or picture.id}: {error}")
    changed = records.note(studio.engine, found, by=by, now=now)
    return Looked(looked, changed, tuple(unread), left)


def listing(engine: Engine, style: str = "", month: str = "") -> list[Listed]:
    """The exported pictures of a style that were drawn in a month, or of all, the newest export
    first."""
    known = exported.of(engine)
    held = records.of(engine, known)
    found = [
        Listed(picture, known[picture.id], held.get(picture.id))
        for picture in _pictures(engine, list(known))
        if style in ("", picture.style) and picture.at.startswith(month)
    ]
    return sorted(found, key=lambda one: (one.exported.at, one.picture.number), reverse=True)


def _pictures(engine: Engine, ids: list[str]) -> Iterator[Picture]:
    for first in range(0, len(ids), BATCH):
        yield from gallery_table.of_ids(engine, ids[first : first + BATCH])


def _used(studio: Studio, picture: Picture, one: Exported) -> tuple[Path | None, str, str]:
    """The file that the game has of a picture, None where it has none any more; what it is called
    by; and the SHA-256 of what is in it. Where it is as it was exported, or went where the studio
    does not see it, that is the studio's own: colours may have been taken from it on the way."""
    name = f"{one.destination}/{one.path}"
    file = exported.file_of(studio, one)
    if file is not None and not file.is_file():
        return None, name, ""
    mark = one.hash if file is None else _mark(file)
    if file is not None and mark != one.hash:
        return file, name, mark
    own = files.to_use(studio.engine, [picture.id])[picture.id]
    path = own.path if own.at <= one.at else picture.file
    return local.present(studio.home / path), name, f"{mark} {path}"


def _seen(studio: Studio, picture: Picture, file: Path | None, name: str, mark: str) -> Seen:
    if file is None:
        return Seen(picture.id, "dropped", path=name)
    drawn = images.open_result(local.present(studio.home / picture.file))
    used = images.decode(file.read_bytes(), name)
    found = compared(np.asarray(drawn.convert("RGBA")), np.asarray(used))
    moved, shares = found.moved, (found.recoloured, found.redone)
    return Seen(picture.id, found.state, moved, *shares, name, mark)


def _mark(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
