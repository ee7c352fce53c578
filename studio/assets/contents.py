"""Whether assets' files hold what was put in; those of older studios are read once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.assets import files
from studio.assets.tables import asset_files, assets
from studio.database.engine import writing
from studio.errors import StudioError
from studio.outbox import files as outbox

BATCH = 100  # files that are read for one transaction
LATER_S = 60.0  # a file is written shortly before its row
_HELD = sa.select(sa.func.coalesce(sa.func.sum(asset_files.c.bytes), 0)).where(
    asset_files.c.by == sa.bindparam("person")
)


def fill(engine: Engine, home: Path, most: int | None = None) -> int:
    """Read up to `most` files of which nobody knows yet what is in them; how many there were.

    Cut off, it goes on where it was. A file that is gone or damaged stays unknown, and is looked
    for again next time.
    """
    c = asset_files.c
    filled, last = 0, (0, "")
    while most is None or filled < most:
        beyond = (c.asset > last[0]) | ((c.asset == last[0]) & (c.role > last[1]))
        query = sa.select(c.asset, c.role, c.path).where(c.hash.is_(None), beyond)
        with engine.connect() as connection:
            rows = connection.execute(query.order_by(c.asset, c.role).limit(BATCH)).all()
        if not rows:
            break
        found = []
        for row in rows:
            try:
                found.append((row, asdict(files.read(home / row.path))))
            except (OSError, SyntaxError, ValueError):  # as Pillow says that a picture is damaged
                continue
        with writing(engine) as connection:
            for row, content in found:
                mine = (c.asset == row.asset) & (c.role == row.role) & (c.path == row.path)
                connection.execute(asset_files.update().where(mine).values(**content))
        filled += len(found)
        last = (rows[-1].asset, rows[-1].role)
    return filled


def held_by(engine: Engine, person: str) -> int:
    """Bytes of all files that a person made; those of an older studio count once they were read."""
    with engine.connect() as connection:
        return int(connection.execute(_HELD, {"person": person}).scalar_one())


def check_room(engine: Engine, person: str, most: int, more: int = 0) -> None:
    """StudioError where all files that a person made, with `more` bytes of theirs that are no
    asset's, take `most` bytes or more."""
    held = held_by(engine, person) + more
    if held >= most:
        raise StudioError(
            f"The pictures of {person} take {held / 1024**3:.1f} GB, and one person's may take "
            f"{most / 1024**3:.0f} GB.",
            "Ask whoever looks after the studio for more: STUDIO_MOST_DRAWN.",
        )


def unknown(engine: Engine) -> int:
    """Of how many files nobody knows yet what is in them."""
    query = sa.select(sa.func.count()).where(asset_files.c.hash.is_(None))
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def flaws(engine: Engine, home: Path) -> Iterator[str]:
    """A sentence for each file that is gone, or holds something else than was put in.

    A file is read where its size or its time says that it was written since; one that was changed
    with both kept is not found.
    """
    c = asset_files.c
    columns = (c.role, c.path, c.hash, c.bytes, c.at, assets.c.id, assets.c.kind)
    query = sa.select(*columns).join(assets).order_by(c.asset, c.role)
    with engine.connect() as connection:
        for row in connection.execute(query, execution_options={"yield_per": 1_000}):
            named = f"{row.path} ({row.role} of {row.kind} {row.id})"
            try:
                told = (home / row.path).stat()
                written = told.st_mtime - datetime.fromisoformat(row.at).timestamp() > LATER_S
                changed = row.hash is not None and told.st_size != row.bytes
                if row.hash is not None and not changed and written:
                    data = (home / row.path).read_bytes()
                    changed = hashlib.sha256(data).hexdigest() != row.hash
            except FileNotFoundError:
                if not outbox.is_up(engine, row.path):
                    yield f"{named} is gone"
            except OSError as error:
                yield f"{named} can't be read ({error.strerror or error})"
            else:
                if changed:
                    yield f"{named} was changed"
