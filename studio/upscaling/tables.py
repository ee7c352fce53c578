"""The tables of enlarging: settings kept under a name, and how fast it goes on each machine."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

upscale_settings = sa.Table(
    "upscale_settings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

upscale_speeds = sa.Table(
    "upscale_speeds",
    metadata,
    sa.Column("machine", sa.String, primary_key=True),
    sa.Column("method", sa.String, primary_key=True),
    sa.Column("model", sa.String, primary_key=True),  # a model's name, a base's, or ""
    sa.Column("side", sa.Integer, primary_key=True),  # that a tile is drawn at; 0: no tiles
    sa.Column("seconds", sa.Float, nullable=False),  # of one unit
    sa.Column("memory_gb", sa.Float, nullable=False),  # the most that the process held
    sa.Column("units", sa.Integer, nullable=False),  # that were measured
    sa.Column("at", sa.String, nullable=False),
)
