"""The tables of people, their sessions and tokens, tries to sign in, and sign-ins that are used up.

Of passwords, session cookies and tokens the tables hold hashes only. Moments are ISO UTC.
"""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("folded", sa.String, nullable=False, unique=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("subject", sa.String, unique=True),
    sa.Column("password", sa.String),
    sa.Column("created_at", sa.String, nullable=False),
    sa.Column("shut_at", sa.String),
    sqlite_autoincrement=True,
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("hash", sa.String, nullable=False, unique=True),
    sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("began_at", sa.String, nullable=False),
    sa.Column("seen_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    sa.Column("browser", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("hash", sa.String, nullable=False, unique=True),
    sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("made_at", sa.String, nullable=False),
    sa.Column("until", sa.String, nullable=False),
    sa.Column("used_at", sa.String),
    sa.Column("withdrawn_at", sa.String),
    sa.Column("scope", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

# By the hash of the name that was typed, whether there is such a person or not.
sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("last_at", sa.String, nullable=False),
)

used_sign_ins = sa.Table(
    "used_sign_ins",
    metadata,
    sa.Column("hash", sa.String, primary_key=True),
    sa.Column("at", sa.String, nullable=False),
)
