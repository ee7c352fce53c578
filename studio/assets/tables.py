"""The tables of assets: whatever was made, what it was made of, its files, what is said of it, the
boards that people collect them on, and what the game took."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

assets = sa.Table(
    "assets",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("seed", sa.BigInteger),
    sa.Column("job", sa.Integer),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("variant", sa.Integer, nullable=False),
    sa.Column("category", sa.String, nullable=False, server_default=""),
    # As in `verdicts`, written together with it: filters and counts then read one table.
    sa.Column("verdict", sa.String),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("recipe", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)

asset_parents = sa.Table(
    "asset_parents",
    metadata,
    sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
    sa.Column("parent", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
)

asset_files = sa.Table(
    "asset_files",
    metadata,
    sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
    sa.Column("role", sa.String, primary_key=True),
    sa.Column("path", sa.String, nullable=False),
    # None until the file of an older studio was read (`studio.assets.contents`).
    sa.Column("hash", sa.String),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("pixels", sa.String),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
    sa.Column("verdict", sa.String),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("pin_x", sa.Float),
    sa.Column("pin_y", sa.Float),
    sa.Column("by", sa.String),
    sa.Column("at", sa.String),
    sa.Column("changed_by", sa.String, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
)

boards = sa.Table(
    "boards",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("folded", sa.String, nullable=False, unique=True),  # the name, by which it is told
    sa.Column("note", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

board_assets = sa.Table(
    "board_assets",
    metadata,
    sa.Column("board", sa.Integer, sa.ForeignKey("boards.number"), primary_key=True),
    sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

# What became of an exported asset in the game: as it was measured, from which file, and what a
# person said instead.
uses = sa.Table(
    "uses",
    metadata,
    sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
    sa.Column("measured", sa.String, nullable=False),
    sa.Column("moved_x", sa.Integer, nullable=False),
    sa.Column("moved_y", sa.Integer, nullable=False),
    sa.Column("recoloured", sa.Float, nullable=False),
    sa.Column("redone", sa.Float, nullable=False),
    sa.Column("path", sa.String, nullable=False),
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("corrected", sa.String),
    sa.Column("corrected_by", sa.String),
    sa.Column("corrected_at", sa.String),
)
