"""What the game took: every exported picture, compared with what the studio drew. What was painted
over and came back by `sync` is compared before it is exported, too; and what went out as a part of
a sheet, a prop or a tileset by these.

The game's own file counts where the studio can read it: the folder of a checkout that the settings
name. Of what went into a zip or the store the studio sees no more than its own files: it is taken
as it was handed out, painted over or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
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
from studio.charges.charge import checked_month
from studio.context import Studio
from studio.errors import StudioError
from studio.export import placing
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
class _Used:
    """What is held against what: the file that was `drawn`, relative to the studio's folder, and
    the one that is used, None where the game has it no more; what that is called by, and what
    tells its content."""

    drawn: str
    file: Path | None
    name: str
    mark: str


@dataclass(frozen=True)
class Listed:
    """A picture with its newest export, None where it was only painted over for now, and with what
    became of it, None where nobody looked yet."""

    picture: Picture
    exported: Exported | None
    use: records.Use | None

    @property
    def path(self) -> str:
        """What it is compared by: the file of the last look, else that of the export."""
        if self.use is not None and self.use.path:
            return self.use.path
        return self.exported.path if self.exported else ""

    @property
    def at(self) -> str:
        """When it went out last, else when it was looked at (ISO UTC)."""
        if self.exported is not None:
            return self.exported.at
        return self.use.at if self.use else ""


def look(
    studio: Studio,
    *,
    by: str,
    now: datetime,
    most: int = AT_ONCE,
    only: Collection[str] | None = None,
) -> Looked:
    """Compare every exported picture whose file changed since the last time, and those that were
    looked at before they went out, at most so many; or `only` these, exported or not."""
    check(by, RIGHT)
    known = exported.of(studio.engine, only)
    wanted = list(
        dict.fromkeys((*known, *(records.known(studio.engine) if only is None else only)))
    )
    held = records.of(studio.engine, wanted)
    found: list[Seen] = []
    unread: list[str] = []
    looked = left = 0
    for picture in _pictures(studio.engine, wanted):
        one, before = known.get(picture.id), held.get(picture.id)
        try:
            used = _used(studio, picture, one, before)
            looked += 1
            if before and (before.mark, before.path) == (used.mark, used.name):
                continue
            if len(found) == most:
                left += 1
                continue
            found.append(_seen(studio, picture.id, used))
        except (StudioError, OSError) as error:
            unread.append(f"{(one.path if one else '') or picture.id}: {error}")
    changed = records.note(studio.engine, found, by=by, now=now)
    return Looked(looked, changed, tuple(unread), left)


def listing(engine: Engine, style: str = "", month: str = "") -> list[Listed]:
    """The exported pictures of a style that were drawn in a month, or of all, and those that were
    only painted over for now; the newest first. StudioError for what is no month."""
    if month:
        checked_month(month)
    known = exported.of(engine)
    wanted = list(dict.fromkeys((*known, *records.known(engine))))
    held = records.of(engine, wanted)
    found = [
        Listed(picture, known.get(picture.id), held.get(picture.id))
        for picture in _pictures(engine, wanted)
        if style in ("", picture.style) and picture.at.startswith(month)
    ]
    return sorted(found, key=lambda one: (one.at, one.picture.number), reverse=True)


def _pictures(engine: Engine, ids: list[str]) -> Iterator[Picture]:
    for first in range(0, len(ids), BATCH):
        yield from gallery_table.of_ids(engine, ids[first : first + BATCH])


def _used(
    studio: Studio, picture: Picture, one: Exported | None, before: records.Use | None
) -> _Used:
    """What the game has of a picture. Where it is as it was exported, or went where the studio does
    not see it, that is the studio's own: colours may have been taken from it on the way. So is that
    of one that did not go out yet. A sheet that went out with it and is another in the game by now
    is held against the sheet that was made. StudioError where the game's folder is gone, as that of
    a disk that is not mounted: nobody dropped what was in it."""
    own = files.to_use(studio.engine, [picture.id])[picture.id]
    if one is None:
        return _Used(picture.file, studio.home / own.path, own.path, own.path)
    name = f"{one.destination}/{one.path}"
    file = exported.file_of(studio, one)
    if file is not None and not file.is_file():
        placing.opened(one.destination, dict(studio.settings.export_folders))
        return _Used(picture.file, None, name, "")
    mark = one.hash if file is None else _mark(file)
    if file is not None and mark != one.hash:
        carrier = files.to_use(studio.engine, [one.by]).get(one.by) if one.by else None
        return _Used(carrier.path if carrier else picture.file, file, name, mark)
    path = own.path if own.at <= one.at else _painted_before(picture, before, mark)
    return _Used(picture.file, studio.home / path, name, f"{mark} {path}")


def _painted_before(picture: Picture, before: records.Use | None, mark: str) -> str:
    """What went out of a picture that was painted over again since then: the painted-over version
    that was looked at before, if any, whose file is kept; else what was drawn."""
    seen = before.mark.removeprefix(f"{mark} ") if before else ""
    return seen if seen.startswith(f"painted/{picture.id}-") else picture.file


def _seen(studio: Studio, id: str, used: _Used) -> Seen:
    if used.file is None:
        return Seen(id, "dropped", path=used.name)
    if used.file == studio.home / used.drawn:
        return Seen(id, "as is", path=used.name, mark=used.mark)
    if not exported.is_picture(used.file.name):  # a model, say: that it is another is all one sees
        return Seen(id, "redrawn", redone=1.0, path=used.name, mark=used.mark)
    drawn = images.open_result(local.present(studio.home / used.drawn))
    now = images.decode(images.read_file(local.present(used.file)), used.name)
    found = compared(np.asarray(drawn.convert("RGBA")), np.asarray(now))
    moved, shares = found.moved, (found.recoloured, found.redone)
    return Seen(id, found.state, moved, *shares, used.name, used.mark)


def _mark(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
