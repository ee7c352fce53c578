"""Drafts of datasets in steps that can be undone, and what became of each upload."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "draft_steps",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("says", sa.String, nullable=False),
        sa.Column("key", sa.String),
        sa.UniqueConstraint("by", "key", name="draft_steps_sent_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("draft_steps_of", "draft_steps", ["dataset", "id"])
    op.create_table(
        "draft_edits",
        sa.Column("step", sa.Integer, sa.ForeignKey("draft_steps.id"), primary_key=True),
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("field", sa.String, primary_key=True),
        sa.Column("value", sa.JSON),
        sa.CheckConstraint(
            "field IN ('caption', 'category', 'tags', 'source', 'author', 'licence', 'removed')",
            name="draft_edits_field",
        ),
    )
    op.create_table(
        "upload_reports",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("dismissed", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("upload_reports_of", "upload_reports", ["dataset", "dismissed"])


def downgrade() -> None:
    op.drop_table("upload_reports")
    op.drop_table("draft_edits")
    op.drop_table("draft_steps")
