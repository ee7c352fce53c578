"""Keys of calls by programs, each with its answer, so that what is sent twice is done once."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("route", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("asked", sa.String, nullable=False),
        sa.Column("first_at", sa.String, nullable=False),
        sa.Column("held_at", sa.String),
        sa.Column("answer", sa.JSON),
    )
    op.create_index("idempotency_keys_first_at", "idempotency_keys", ["first_at"])


def downgrade() -> None:
    op.drop_index("idempotency_keys_first_at", "idempotency_keys")
    op.drop_table("idempotency_keys")
