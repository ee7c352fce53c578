"""What was exported, where to and when: the one place here that knows the table of exports.

`export_files` is the export's own (`studio.export`): it is read by its columns' names alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, Row

from studio.assets.tables import asset_parents, assets
from studio.context import Studio
from studio.errors import StudioError
from studio.export import placing
from studio.generation.gallery_table import KIND

PICTURES = (".png", ".webp", ".jpg", ".jpeg")  # files that can be compared with a picture
FETCHED = "(sync)"  # the destination of what was fetched to be edited, which is no game
BATCH = 500  # of one statement
SHEET = "sheet"  # the kind of asset

# `asset` is its id, "" for the manifest; `destination` a folder's name, "zip" or "store", below
# which `path` lies; `role` how the path ends behind its stem; `at` ISO UTC.
_files = sa.table(
    "export_files",
    *(
        sa.column(name)
        for name in ("export", "path", "asset", "role", "hash", "state", "destination", "at")
    ),
)
_OUT = (_files.c.asset != "", _files.c.state != "deleted", _files.c.destination != FETCHED)


@dataclass(frozen=True)
class Exported:
    """An asset's exports: when it first went out (ISO UTC), and its picture as the newest one left
    it: by its path below a destination, with the SHA-256 of what was written. `by` is the id of the
    sheet, prop or tileset by which a picture went out that did not by itself, "" for itself."""

    asset: str
    first_at: str
    at: str
    destination: str
    path: str
    hash: str
    by: str = ""


def of(engine: Engine, ids: Collection[str] | None = None) -> dict[str, Exported]:
    """The exports of these assets, or of all, by the asset's id; a picture's also by what was made
    of it: a sheet with it among its frames, a prop, a tileset. Of an export's several pictures of
    one asset that with the shortest ending counts: no normal map, no frame."""
    made = _made_of(engine, ids)
    carriers = {one for some in made.values() for one in some}
    wanted = None if ids is None else list(dict.fromkeys((*ids, *carriers)))
    found: dict[str, Exported] = {}
    for row in _rows(engine, wanted):
        known = found.get(row.asset)
        if not is_picture(row.path):
            # A prop has no picture there: any of its files tells that it went out.
            if row.asset not in carriers or (known and is_picture(known.path)):
                continue
        found[row.asset] = Exported(
            asset=row.asset,
            first_at=known.first_at if known else row.at,
            at=row.at,
            destination=row.destination,
            path=row.path,
            hash=row.hash,
        )
    for id, some in made.items():
        through = [found[one] for one in some if one in found]
        if not through:
            continue
        newest = max(through, key=lambda one: (one.at, one.asset))
        own = found.get(id) or replace(newest, asset=id, by=newest.asset)
        first = min(own.first_at, *(one.first_at for one in through))
        found[id] = replace(own, first_at=first)
    return found if ids is None else {id: found[id] for id in ids if id in found}


def file_of(studio: Studio, one: Exported) -> Path | None:
    """Where the game's file is; None for what went into a zip or the store, where the settings name
    no such folder any more, and for a path that leads out of it."""
    root = dict(studio.settings.export_folders).get(one.destination)
    if root is None:
        return None
    try:
        return placing.target(root, one.path)
    except StudioError:
        return None


def is_picture(path: str) -> bool:
    """Whether a file is one that can be compared with a picture, by its name."""
    return path.lower().endswith(PICTURES)


def _rows(engine: Engine, ids: Sequence[str] | None) -> Iterator[Row[Any]]:
    """Every exported file of these assets, or of all, the oldest export first; of one export those
    with the longest ending first."""
    c = _files.c
    query = sa.select(_files).where(*_OUT)
    query = query.order_by(c.export, c.at, sa.func.length(c.role).desc(), c.path.desc())
    with engine.connect() as connection:
        for some in _batches(ids):
            yield from connection.execute(query if some is None else query.where(c.asset.in_(some)))


def _made_of(engine: Engine, ids: Collection[str] | None) -> dict[str, list[str]]:
    """The exported sheets, props and tilesets that were made of these pictures, or of any, by the
    pictures' ids. What another picture began from does not go out with that one, nor do the frames
    of a sheet before."""
    child, parent, link = assets.alias(), assets.alias(), asset_parents.c
    out = sa.select(_files.c.asset).where(*_OUT)
    begun = sa.select(child.c.id.label("carrier"), child.c.number, child.c.kind)
    begun = begun.where(child.c.id.in_(out), child.c.kind != KIND)
    up = begun.cte("up", recursive=True)
    of_it = sa.select(up.c.carrier, parent.c.number, parent.c.kind)
    of_it = of_it.select_from(up.join(asset_parents, link.asset == up.c.number))
    of_it = of_it.join(parent, parent.c.number == link.parent)
    before = (up.c.kind == SHEET) & (parent.c.kind == SHEET)
    up = up.union(of_it.where(up.c.kind != KIND, ~before))
    query = sa.select(assets.c.id, up.c.carrier).join(up, up.c.number == assets.c.number)
    query = query.where(up.c.kind == KIND).order_by(assets.c.number, up.c.carrier)
    found: dict[str, list[str]] = defaultdict(list)
    with engine.connect() as connection:
        for some in _batches(None if ids is None else list(ids)):
            part = query if some is None else query.where(assets.c.id.in_(some))
            for id, carrier in connection.execute(part):
                found[id].append(carrier)
    return found


def _batches(ids: Sequence[str] | None) -> Iterator[Sequence[str] | None]:
    """At most BATCH of them at once; None, for all, once."""
    if ids is None:
        yield None
        return
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]
