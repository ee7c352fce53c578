"""Where the studio's bucket is, by its database: noted once, so that every process sends there and
none goes on without it; and how it does, so that pages need not ask."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.outbox.tables import store_place
from studio.store.place import Place


@dataclass(frozen=True)
class Noted:
    """The studio's `id` in the bucket, and which bucket that is. `said` is what is wrong with it
    and `since` when, with the `remedy`; empty where it answers, as it last did at `answered_at`
    (all ISO UTC)."""

    id: str
    bucket: str
    prefix: str
    at: str
    said: str
    remedy: str
    since: str
    answered_at: str


def noted(engine: Engine) -> Noted | None:
    """Where it is; None: the studio's files are in its folder alone."""
    with engine.connect() as connection:
        return _noted(connection)


def note(engine: Engine, place: Place, now: datetime) -> Noted | None:
    """Note the place of the settings, or compare it with the one noted.

    StudioError where files are in a bucket already and the settings name another or none.
    """
    known = noted(engine)
    if known is None and not place.in_s3:
        return None
    if known is None:
        with writing(engine) as connection:
            if (known := _noted(connection)) is None:
                row = {"id": secrets.token_hex(8), "at": stamp(now)}
                row |= {"bucket": place.bucket, "prefix": place.prefix}
                connection.execute(store_place.insert().values(**row))
                bump(connection)
                known = _noted(connection)
    assert known is not None
    there = f"s3://{known.bucket}/{known.prefix}"
    if not place.in_s3:
        raise StudioError(
            f"Files of this studio are in {there}, and STUDIO_STORE is folder.",
            "Set STUDIO_STORE=s3 with that bucket again; `python -m studio store move folder` "
            "brings them back.",
        )
    if (known.bucket, known.prefix) != (place.bucket, place.prefix):
        raise StudioError(
            f"Files of this studio are in {there}, and the settings name {place.shown}.",
            "Set STUDIO_STORE_BUCKET and STUDIO_STORE_PREFIX to where they are.",
        )
    return known


def forget(connection: Connection) -> None:
    """The studio's files are in its folder alone again; whoever moved them back has seen to it."""
    connection.execute(store_place.delete())


def say(engine: Engine, error: StudioError | None, now: datetime) -> None:
    """Note what is wrong with the bucket, or that it answers. Pages see it at once where that is
    new."""
    known = noted(engine)
    if known is None:
        return
    said, remedy = (error.message, error.remedy) if error else ("", "")
    values = {"said": said, "remedy": remedy}
    if error is None:
        values |= {"since": "", "answered_at": stamp(now)}
    elif not known.said:
        values["since"] = stamp(now)
    with writing(engine) as connection:
        connection.execute(store_place.update().values(**values))
        if said != known.said:
            bump(connection)


def _noted(connection: Connection) -> Noted | None:
    row = connection.execute(sa.select(store_place)).first()
    return None if row is None else Noted(**row._mapping)
