"""Prompts that people keep: templates with fields, and what each has typed on the page Generate."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "prompt_templates",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("negative", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("prompt_templates_name", "prompt_templates", ["style", "name"], unique=True)
    op.create_table(
        "prompt_drafts",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("kept", sa.JSON, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("prompt_drafts")
    op.drop_index("prompt_templates_name", "prompt_templates")
    op.drop_table("prompt_templates")
