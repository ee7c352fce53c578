"""The gallery: every picture that was kept, its settings, and what people said of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("full_prompt", sa.String, nullable=False),
        sa.Column("negative", sa.String, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("guidance", sa.Float, nullable=False),
        sa.Column("strength", sa.Float, nullable=False),
        sa.Column("adapters", sa.JSON, nullable=False),
        sa.Column("start", sa.String, nullable=False),
        sa.Column("change", sa.Float, nullable=False),
        sa.Column("file", sa.String, nullable=False, unique=True),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("asset", sa.String, nullable=False),
        sa.Column("variant", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("pin_x", sa.Float),
        sa.Column("pin_y", sa.Float),
        sa.Column("painted", sa.String),
        sa.Column("painted_by", sa.String),
        sa.Column("judged_by", sa.String),
        sa.Column("judged_at", sa.String),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.CheckConstraint("verdict IN ('approved', 'edit', 'rejected')", name="pictures_verdict"),
        sqlite_autoincrement=True,
    )
    op.create_index("pictures_newest", "pictures", ["at", "number"])
    op.create_index("pictures_of_style", "pictures", ["style", "version", "at"])
    op.create_index("pictures_of_verdict", "pictures", ["verdict", "at"])
    op.create_index("pictures_of_person", "pictures", ["by", "at"])
    op.create_index("pictures_of_job", "pictures", ["job", "number"])


def downgrade() -> None:
    op.drop_table("pictures")
