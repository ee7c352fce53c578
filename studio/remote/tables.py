"""The tables of machines and of what was sent to them. Moments are ISO UTC."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

# `key` is sealed (`remote.seal`). `kinds` () are all that the machine takes. It computes for
# `seconds` of one run at most; `idle_close` minutes without one end it, NULL: as it is set itself.
# `said` is what it told of itself at `seen_at`; `trouble` why it did not, when it was asked last.
machines = sa.Table(
    "machines",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("seconds", sa.Integer, nullable=False),
    sa.Column("idle_close", sa.Float),
    sa.Column("at_once", sa.Integer, nullable=False),
    sa.Column("said", sa.JSON(none_as_null=True)),
    sa.Column("seen_at", sa.String),
    sa.Column("trouble", sa.String, nullable=False),
    sa.Column("made_by", sa.String, nullable=False),
    sa.Column("made_at", sa.String, nullable=False),
)

# A run is written before it is sent, under the id that the machine knows it by. It is open until
# its job has ended and the machine was told to forget it.
machine_runs = sa.Table(
    "machine_runs",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), nullable=False),
    sa.Column("machine", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("charge", sa.Integer),
    sa.Column("waited_ms", sa.BigInteger, nullable=False),
    sa.Column("computed_ms", sa.BigInteger, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("made_at", sa.String, nullable=False),
    sa.Column("sent_at", sa.String),
    sa.Column("ended_at", sa.String),
    sa.Column("closed_at", sa.String),
    sa.Column("due", sa.String),
)
