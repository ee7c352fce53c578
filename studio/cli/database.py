"""The studio's database, for commands that need no MLflow beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


def database(settings: Settings) -> Engine:
    """Opened; made or brought up to date on the first call."""
    from studio.database.engine import open_database

    return open_database(settings.home, settings.database_url)
