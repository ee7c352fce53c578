"""Recipes: how a style's pictures are finished, as people set it and as it was made of a dataset.
Styles of before have none set; theirs is made of their dataset when it is first asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "style_recipes",
        sa.Column("style", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("recipe", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
    )
    op.create_table(
        "dataset_recipes",
        sa.Column("dataset", sa.String, primary_key=True),
        sa.Column("side", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("recipe", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    for table in ("style_recipes", "dataset_recipes"):
        op.create_index(f"{table}_mark", table, ["mark"])


def downgrade() -> None:
    for table in ("dataset_recipes", "style_recipes"):
        op.drop_index(f"{table}_mark", table)
        op.drop_table(table)
