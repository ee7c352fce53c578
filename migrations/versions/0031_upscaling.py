"""Settings of enlarging that people keep under a name, and how fast it went on each machine."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "upscale_settings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "upscale_speeds",
        sa.Column("machine", sa.String, primary_key=True),
        sa.Column("method", sa.String, primary_key=True),
        sa.Column("model", sa.String, primary_key=True),
        sa.Column("side", sa.Integer, primary_key=True),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("memory_gb", sa.Float, nullable=False),
        sa.Column("units", sa.Integer, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("upscale_speeds")
    op.drop_table("upscale_settings")
