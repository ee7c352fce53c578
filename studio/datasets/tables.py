"""The tables of datasets: the draft of a next version, what became of each upload, and captions
that models propose."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

steps = sa.Table(
    "draft_steps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("says", sa.String, nullable=False),
    sa.Column("key", sa.String),
    sqlite_autoincrement=True,
)

edits = sa.Table(
    "draft_edits",
    metadata,
    sa.Column("step", sa.Integer, sa.ForeignKey("draft_steps.id"), primary_key=True),
    sa.Column("hash", sa.String, primary_key=True),
    sa.Column("field", sa.String, primary_key=True),
    sa.Column("value", sa.JSON(none_as_null=True)),
)

reports = sa.Table(
    "upload_reports",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False, unique=True),
    sa.Column("found", sa.JSON, nullable=False),
    sa.Column("dismissed", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)

proposals = sa.Table(
    "caption_proposals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("dataset", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("field", sa.String, nullable=False),  # caption or tags
    sa.Column("text", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("job", sa.Integer),
    sa.Column("state", sa.String, nullable=False),  # open, accepted, edited or refused
    sa.Column("kept", sa.String, nullable=False),  # what a person made of it
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", sa.String),
    sqlite_autoincrement=True,
)
