"""The tables of a release: gates as they were shown, requests, rollouts and pins."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

gate_checks = sa.Table(
    "gate_checks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("move", sa.Integer, sa.ForeignKey("ledger.id"), nullable=False),
    sa.Column("gate", sa.String, nullable=False),
    sa.Column("asks", sa.String, nullable=False),
    sa.Column("says", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("overridden", sa.String, nullable=False),  # the reason, where it was
    sa.Index("gate_checks_move", "move"),
)
requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_at", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", sa.String),
    sa.Column("answer", sa.String, nullable=False),
    sa.CheckConstraint(
        "state IN ('open', 'accepted', 'refused', 'withdrawn')", name="requests_state"
    ),
    sa.Index("requests_style", "style", "state"),
)
comments = sa.Table(
    "request_comments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("request", sa.Integer, sa.ForeignKey("requests.id"), nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Index("request_comments_request", "request"),
)
rollouts = sa.Table(
    "rollouts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("against", sa.Integer, nullable=False),
    sa.Column("percent", sa.Float, nullable=False),
    sa.Column("people", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("begun_by", sa.String, nullable=False),
    sa.Column("begun_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    sa.CheckConstraint(
        "state IN ('running', 'paused', 'aborted', 'completed')", name="rollouts_state"
    ),
    sa.Index("rollouts_style", "style", "name", unique=True),
)
pins = sa.Table(
    "pins",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("assets", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index("pins_whose", "style", "person", "assets", unique=True),
)
