"""The tables of money: charges, limits on spending, and price lists. Amounts are micro-units."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

charges = sa.Table(
    "charges",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("source", sa.String, nullable=False),
    # What it was reserved under: whoever asks with the same key gets the same charge.
    sa.Column("key", sa.String, nullable=False, unique=True),
    # What the provider is told, to find a call again whose answer was lost; None: no call.
    sa.Column("token", sa.String, unique=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("month", sa.String, nullable=False),
    sa.Column("currency", sa.String, nullable=False),
    sa.Column("estimate", sa.BigInteger, nullable=False),
    sa.Column("actual", sa.BigInteger),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("person", sa.String, nullable=False),
    sa.Column("machine", sa.String, nullable=False),
    sa.Column("provider", sa.String, nullable=False),
    sa.Column("job", sa.Integer),
    sa.Column("price_list", sa.String, nullable=False),
    sa.Column("price_version", sa.Integer, nullable=False),
    sa.Column("item", sa.String, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("reference", sa.String),
    # Estimated: until when the money is held; sent: until when an answer is waited for.
    sa.Column("until", sa.String),
    sa.Column("made_at", sa.String, nullable=False),
    sa.Column("sent_at", sa.String),
    sa.Column("ended_at", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("settled_by", sa.String),
    sa.Column("why", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

# Each change is a revision of its own; one without an amount takes the limit away.
spending_limits = sa.Table(
    "spending_limits",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("currency", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("amount", sa.BigInteger),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
)

price_lists = sa.Table(
    "price_lists",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("currency", sa.String, nullable=False),
    sa.Column("prices", sa.JSON, nullable=False),  # of [item, unit, micro-units] each
    sa.Column("since", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
)
