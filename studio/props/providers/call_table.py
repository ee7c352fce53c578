"""The table of calls of providers: a row for each wish that was confirmed. Moments are ISO UTC."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

provider_calls = sa.Table(
    "provider_calls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    # The job that posts it; its money is the charge under `calls.charge_key`.
    sa.Column("job", sa.Integer, nullable=False, unique=True),
    sa.Column("provider", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("asked", sa.JSON, nullable=False),
    # Of the picture, the words and the prop: what was refused by moderation is not sent again.
    sa.Column("fingerprint", sa.String, nullable=False),
    # The provider's own address or token of a picture that was uploaded for this call alone.
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("reference", sa.String),
    # Where the provider said that it is to be asked, by what for.
    sa.Column("addresses", sa.JSON, nullable=False),
    sa.Column("percent", sa.Integer, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    # Looks in a row that told nothing.
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("made_at", sa.String, nullable=False),
    sa.Column("sent_at", sa.String),
    sa.Column("ended_at", sa.String),
    # When it is looked at next; None: never by itself.
    sa.Column("due", sa.String),
    sa.Column("deadline", sa.String),
    sa.Column("cancel_by", sa.String),
    sa.Column("cancel_sent", sa.Boolean, nullable=False),
    # What came, in the studio's store.
    sa.Column("file", sa.String),
    sa.Column("bytes", sa.BigInteger),
    # The job that makes a prop of it, and the prop.
    sa.Column("received_by", sa.Integer),
    sa.Column("asset", sa.String, nullable=False),
    sqlite_autoincrement=True,
)
