"""The tables of webhooks and of their deliveries. Moments are ISO UTC."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

# Of `owner`'s jobs, or of those alone that `token` asked for. `url` is empty where each job brings
# its own. The secrets stand as they are: a signature needs them.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("token", sa.Integer, sa.ForeignKey("tokens.id")),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("secret", sa.String, nullable=False),
    sa.Column("old_secret", sa.String),
    sa.Column("old_until", sa.String),
    sa.Column("made_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    sa.Column("why_ended", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

# Written with the job, so that its end needs no word: it is sent once the job has ended and it is
# `due`, and over where nothing is due any more. `message` is the webhook-id of all its tries.
deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message", sa.String, nullable=False, unique=True),
    sa.Column("webhook", sa.Integer, sa.ForeignKey("webhooks.id"), nullable=False),
    sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), nullable=False),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("asked_at", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", sa.String),
    sa.Column("tried_at", sa.String),
    sa.Column("sent_at", sa.String),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.String, nullable=False),
    sqlite_autoincrement=True,
)
