"""The report: how long things take by hand, and what became of exported assets in the game."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "hand_minutes",
        sa.Column("category", sa.String, primary_key=True),
        sa.Column("minutes", sa.Float, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.CheckConstraint("minutes > 0", "hand_minutes_positive"),
    )
    op.create_table(
        "uses",
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
        sa.Column("measured", sa.String, nullable=False),
        sa.Column("moved_x", sa.Integer, nullable=False),
        sa.Column("moved_y", sa.Integer, nullable=False),
        sa.Column("recoloured", sa.Float, nullable=False),
        sa.Column("redone", sa.Float, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("corrected", sa.String),
        sa.Column("corrected_by", sa.String),
        sa.Column("corrected_at", sa.String),
    )


def downgrade() -> None:
    op.drop_table("uses")
    op.drop_table("hand_minutes")
