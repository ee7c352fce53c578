"""What was exported, where to and when: the one place here that knows the table of exports.

`export_files` is the export's own (`studio.export`): it is read by its columns' names alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.context import Studio

PICTURES = (".png", ".webp", ".jpg", ".jpeg")  # files that can be compared with a picture
FETCHED = "(sync)"  # the destination of what was fetched to be edited, which is no game
BATCH = 500  # of one statement

# `asset` is its id, "" for the manifest; `destination` a folder's name, "zip" or "store", below
# which `path` lies; `role` how the path ends behind its stem; `at` ISO UTC.
_files = sa.table(
    "export_files",
    *(
        sa.column(name)
        for name in ("export", "path", "asset", "role", "hash", "state", "destination", "at")
    ),
)


@dataclass(frozen=True)
class Exported:
    """An asset's exports: when it first went out (ISO UTC), and its picture as the newest one left
    it: by its path below a destination, with the SHA-256 of what was written."""

    asset: str
    first_at: str
    at: str
    destination: str
    path: str
    hash: str


def of(engine: Engine, ids: Collection[str] | None = None) -> dict[str, Exported]:
    """The exports of these assets, or of all, by the asset's id. Of an export's several pictures
    of one asset that with the shortest ending counts: no normal map, no frame."""
    c = _files.c
    query = sa.select(_files).where(
        c.asset != "", c.state != "deleted", c.destination != FETCHED
    )
    query = query.order_by(c.export, c.at, sa.func.length(c.role).desc(), c.path.desc())
    wanted = None if ids is None else list(ids)
    batches: list[list[str] | None] = [None]
    if wanted is not None:
        batches = [wanted[first : first + BATCH] for first in range(0, len(wanted), BATCH)]
    found: dict[str, Exported] = {}
    with engine.connect() as connection:
        for some in batches:
            part = query if some is None else query.where(c.asset.in_(some))
            for row in connection.execute(part):
                known = found.get(row.asset)
                if not row.path.lower().endswith(PICTURES):
                    continue
                found[row.asset] = Exported(
                    asset=row.asset,
                    first_at=known.first_at if known else row.at,
                    at=row.at,
                    destination=row.destination,
                    path=row.path,
                    hash=row.hash,
                )
    return found


def file_of(studio: Studio, one: Exported) -> Path | None:
    """Where the game's file is; None for what went into a zip or the store, where the settings name
    no such folder any more, and for a path that leads out of it."""
    root = dict(studio.settings.export_folders).get(one.destination)
    if root is None:
        return None
    file = (root / one.path).resolve()
    return file if file.is_relative_to(root.resolve()) else None
