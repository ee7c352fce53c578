"""Boards, which are named collections of assets, and what people typed and did not save yet."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "board_assets",
        sa.Column("board", sa.Integer, sa.ForeignKey("boards.number"), primary_key=True),
        sa.Column("asset", sa.Integer, sa.ForeignKey("assets.number"), primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_index("board_assets_of", "board_assets", ["asset"])
    op.create_table(
        "unsaved",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("unsaved")
    op.drop_table("board_assets")
    op.drop_table("boards")
