"""Whether somebody works in a studio whose files are about to be exchanged."""

from __future__ import annotations

from datetime import datetime

import httpx
import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import named_leases, workers
from studio.settings import Settings


def refuse_at_work(settings: Settings) -> None:
    """StudioError while a worker, a watcher or the pages of this studio run: what they acknowledge
    while the folder is exchanged would be lost."""
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        found = _at_work(engine)
    except sa.exc.DatabaseError:
        found = None  # it can't be read; nobody works with it
    finally:
        engine.dispose()
    if found:
        raise StudioError(
            f"A {found[0]} is at work in this studio: {found[1]}.",
            "Stop the studio first; one that was killed is forgotten after half a minute.",
        )
    try:
        httpx.get(f"http://127.0.0.1:{settings.port}/healthz", timeout=2)
    except httpx.ConnectError:
        return
    except httpx.HTTPError:
        pass  # something is there, only slow or odd
    raise StudioError(
        f"A studio answers on port {settings.port}.",
        "Stop it first. If it is another one, set STUDIO_PORT to this one's.",
    )


def _at_work(engine: Engine) -> tuple[str, str] | None:
    """What is at work, and its name. A database of before may lack either table."""
    now = datetime.now().astimezone()
    with engine.connect() as connection:
        known = sa.inspect(connection).get_table_names()
    if "workers" in known and (alive := workers.alive(engine, now)):
        return "worker", alive[0].name
    if "leases" in known and (holder := named_leases.held_by(engine, named_leases.WATCHER, now)):
        return "watcher", holder
    return None
