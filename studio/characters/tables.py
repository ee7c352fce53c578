"""The tables of characters: each in revisions, and what was drawn into the cells of its matrix."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

characters = sa.Table(
    "characters",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("character", sa.JSON, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

# Rows are only added: the newest of a cell is what is in it.
character_cells = sa.Table(
    "character_cells",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("character", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("direction", sa.String, nullable=False),
    sa.Column("pose", sa.Integer, nullable=False),  # from 1
    sa.Column("asset", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),  # of the character, when it was drawn
    sa.Column("way", sa.String, nullable=False),  # "pose" or "reference"
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("job", sa.Integer),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index("character_cells_of", "character", "action"),
    sqlite_autoincrement=True,
)
