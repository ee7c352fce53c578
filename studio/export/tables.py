"""The tables of exports: profiles in revisions, who used which last, what was exported where."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

export_profiles = sa.Table(
    "export_profiles",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("profile", sa.JSON, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

# The profile that a person took last for a style.
export_choices = sa.Table(
    "export_choices",
    metadata,
    sa.Column("person", sa.String, primary_key=True),
    sa.Column("style", sa.String, primary_key=True),
    sa.Column("profile", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("profile", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("destination", sa.String, nullable=False),  # "zip", "store", or a folder's name
    sa.Column("asset", sa.String, nullable=False),  # the export as an asset; "" in a folder
    sa.Column("job", sa.Integer),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

export_files = sa.Table(
    "export_files",
    metadata,
    sa.Column("export", sa.Integer, sa.ForeignKey("exports.id"), primary_key=True),
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("asset", sa.String, nullable=False),  # "" for the manifest
    sa.Column("role", sa.String, nullable=False),  # how the path ends behind its stem
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),  # new, changed, same, kept or deleted
    sa.Column("fields", sa.JSON, nullable=False),  # what it is named by
    sa.Column("more", sa.JSON, nullable=False),  # what an engine's files refer to
    sa.Column("profile", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("destination", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index("export_files_asset", "asset", "at"),
    sa.Index("export_files_place", "destination", "path"),
)
