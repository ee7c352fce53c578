"""What a list calls the kind of thing that a line asks for goes on with its pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("assets", sa.Column("category", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("assets", "category")
