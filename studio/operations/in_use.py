"""Whether somebody works in a studio whose files are about to be exchanged."""

from __future__ import annotations

from datetime import datetime

import httpx
import sqlalchemy as sa

from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import workers
from studio.settings import Settings


def refuse_at_work(settings: Settings) -> None:
    """StudioError while a worker or the pages of this studio run: what they acknowledge while the
    folder is exchanged would be lost."""
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        with engine.connect() as connection:
            has = sa.inspect(connection).has_table("workers")
        alive = workers.alive(engine, datetime.now().astimezone()) if has else []
    except sa.exc.DatabaseError:
        alive = []  # it can't be read; nobody works with it
    finally:
        engine.dispose()
    if alive:
        raise StudioError(
            f"A worker is at work in this studio: {alive[0].name}.",
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
