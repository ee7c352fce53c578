"""Marks that transactions leave, by which one is known again whose answer was lost. They are of an
hour at most, so there are none of before."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "commit_marks",
        sa.Column("mark", sa.String, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("commit_marks_at", "commit_marks", ["at"])


def downgrade() -> None:
    op.drop_table("commit_marks")
