"""Leases by name: which process does what only one may do."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until_at", sa.String, nullable=False),
        sa.Column("taken_at", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("leases")
