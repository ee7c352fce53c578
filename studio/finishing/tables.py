"""The tables of palettes: each by its name, and every revision of it."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

palettes = sa.Table(
    "palettes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("folded", sa.String, nullable=False, unique=True),  # the name, by which it is told
    sa.Column("newest", sa.Integer, nullable=False),
    sa.Column("locked_by", sa.String),
    sa.Column("locked_at", sa.String),
    sa.Column("withdrawn_by", sa.String),
    sa.Column("withdrawn_at", sa.String),
    sqlite_autoincrement=True,
)

palette_revisions = sa.Table(
    "palette_revisions",
    metadata,
    sa.Column("palette", sa.Integer, sa.ForeignKey("palettes.number"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("colours", sa.JSON, nullable=False),
    sa.Column("names", sa.JSON, nullable=False),
    sa.Column("ramps", sa.JSON, nullable=False),  # [[name, [place, ...]], ...]
    sa.Column("source", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("approved_by", sa.String),
    sa.Column("approved_at", sa.String),
)
