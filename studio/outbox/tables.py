"""Where the bucket is and how it does, and every file that is there or is to go there."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

WAITING, UP, GONE = "waiting", "up", "gone"  # states of a file

store_place = sa.Table(
    "store_place",
    metadata,
    # One row, once the studio has files in S3. The id marks its place in the bucket.
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("bucket", sa.String, nullable=False),
    sa.Column("prefix", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    # What is wrong with it, since when; empty where it answers.
    sa.Column("said", sa.String, nullable=False, server_default=""),
    sa.Column("remedy", sa.String, nullable=False, server_default=""),
    sa.Column("since", sa.String, nullable=False, server_default=""),
    sa.Column("answered_at", sa.String, nullable=False, server_default=""),
)

stored_files = sa.Table(
    "stored_files",
    metadata,
    # Relative to the studio's folder; whole, of what lies outside of it.
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("key", sa.String, nullable=False),  # without the place's prefix
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", sa.String, nullable=False),
    sa.Column("said", sa.String, nullable=False, server_default=""),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("up_at", sa.String),
    # In the order in which they are sent: of a million that wait 64 are found at once.
    sa.Index("stored_files_due", "state", "due_at", "path"),
    sa.Index("stored_files_key", "key"),
)
