"""What was exported, where to and when: the one place here that knows the tables of exports.

`exports` and `export_files` are the export's own (`studio.export`); they are read by their names
alone, so that nothing here is loaded with it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.context import Studio

PICTURES = (".png", ".webp", ".jpg", ".jpeg")  # files that can be compared with a picture
BATCH = 500  # of one statement

# The columns that are read. `asset` is the asset's id, `path` lies within the export's folder, ""
# where it went into a zip or the store; `at` is ISO UTC.
_files = sa.table(
    "export_files", *(sa.column(name) for name in ("export", "asset", "path", "hash", "at"))
)
_exports = sa.table("exports", *(sa.column(name) for name in ("id", "folder")))


@dataclass(frozen=True)
class Exported:
    """An asset's exports: when it first went out (ISO UTC), and the newest file of it, by its path
    in the folder that the settings name so, "" for a zip and the store."""

    asset: str
    first_at: str
    at: str
    folder: str
    path: str
    hash: str


def of(engine: Engine, ids: Collection[str] | None = None) -> dict[str, Exported]:
    """The exports of these assets, or of all, by the asset's id. Of a sheet's many files the
    picture counts."""
    if not sa.inspect(engine).has_table(_files.name):
        return {}  # a studio that was never brought up to date
    found: dict[str, Exported] = {}
    wanted = None if ids is None else list(ids)
    batches: list[list[str] | None] = [None]
    if wanted is not None:
        batches = [wanted[first : first + BATCH] for first in range(0, len(wanted), BATCH)]
    query = sa.select(*_files.c, _exports.c.folder).join_from(
        _files, _exports, _exports.c.id == _files.c.export, isouter=True
    )
    query = query.where(_files.c.asset.is_not(None)).order_by(_files.c.at, _files.c.path)
    with engine.connect() as connection:
        for some in batches:
            part = query if some is None else query.where(_files.c.asset.in_(some))
            for row in connection.execute(part):
                known = found.get(row.asset)
                shown = str(row.path or "").lower().endswith(PICTURES)
                if known and not shown:
                    continue
                found[row.asset] = Exported(
                    asset=row.asset,
                    first_at=known.first_at if known else row.at,
                    at=row.at,
                    folder=row.folder or "",
                    path=row.path or "",
                    hash=row.hash or "",
                )
    return found


def file_of(studio: Studio, one: Exported) -> Path | None:
    """Where the game's file is; None for what went into a zip or the store, where the settings name
    no such folder any more, and for a path that leads out of it."""
    root = folders(studio).get(one.folder)
    if root is None or not one.path:
        return None
    file = (root / one.path).resolve()
    return file if file.is_relative_to(root.resolve()) else None


def folders(studio: Studio) -> dict[str, Path]:
    """The folders that exports may go into, by the names that STUDIO_EXPORT_FOLDERS gives them."""
    named = getattr(studio.settings, "export_folders", ())
    return {str(name): Path(path) for name, path in dict(named).items()}
