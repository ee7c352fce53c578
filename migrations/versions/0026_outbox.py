"""A store in S3: where it is, and the outbox, which lists every file that is there or is to go
there. Studios of before have neither; their files are noted once they are given a bucket."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "store_place",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("bucket", sa.String, nullable=False),
        sa.Column("prefix", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("said", sa.String, nullable=False, server_default=""),
        sa.Column("remedy", sa.String, nullable=False, server_default=""),
        sa.Column("since", sa.String, nullable=False, server_default=""),
        sa.Column("answered_at", sa.String, nullable=False, server_default=""),
    )
    op.create_table(
        "stored_files",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", sa.String, nullable=False),
        sa.Column("said", sa.String, nullable=False, server_default=""),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("up_at", sa.String),
    )
    op.create_index("stored_files_due", "stored_files", ["state", "due_at", "path"])
    op.create_index("stored_files_key", "stored_files", ["key"])


def downgrade() -> None:
    for index in ("stored_files_key", "stored_files_due"):
        op.drop_index(index, "stored_files")
    op.drop_table("stored_files")
    op.drop_table("store_place")
