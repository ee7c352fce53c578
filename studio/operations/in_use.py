"""Whether somebody works in a studio whose files are about to be exchanged."""

from __future__ import annotations

from datetime import datetime

import httpx
import sqlalchemy as sa

from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import at_work
from studio.settings import Settings


def refuse_at_work(settings: Settings) -> None:
    """StudioError while a worker, a watcher or the pages of this studio run: what they acknowledge
    while the folder is exchanged would be lost."""
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        found = at_work.found(engine, datetime.now().astimezone())
    except sa.exc.DatabaseError:
        found = None  # it can't be read; nobody works with it
    finally:
        engine.dispose()
    if found:
        raise StudioError(
            f"A {found[0]} is at work in this studio: {found[1]}.",
            f"Stop the studio first; {at_work.KILLED}",
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
