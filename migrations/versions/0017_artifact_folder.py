"""Where MLflow's files lie, so that a folder that was moved is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table("artifact_folder", sa.Column("path", sa.String, primary_key=True))


def downgrade() -> None:
    op.drop_table("artifact_folder")
