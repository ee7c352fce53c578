"""Palettes: named, ordered colours with ramps, every revision of them, who approved and locked."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "palettes",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sa.Column("newest", sa.Integer, nullable=False),
        sa.Column("locked_by", sa.String),
        sa.Column("locked_at", sa.String),
        sa.Column("withdrawn_by", sa.String),
        sa.Column("withdrawn_at", sa.String),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "palette_revisions",
        sa.Column("palette", sa.Integer, sa.ForeignKey("palettes.number"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("colours", sa.JSON, nullable=False),
        sa.Column("names", sa.JSON, nullable=False),
        sa.Column("ramps", sa.JSON, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("approved_by", sa.String),
        sa.Column("approved_at", sa.String),
    )


def downgrade() -> None:
    op.drop_table("palette_revisions")
    op.drop_table("palettes")
