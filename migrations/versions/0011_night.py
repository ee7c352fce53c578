"""Jobs that begin not before a moment, and an order of those that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("not_before", sa.String))
    op.add_column("jobs", sa.Column("place", sa.Integer))


def downgrade() -> None:
    op.drop_column("jobs", "place")
    op.drop_column("jobs", "not_before")
