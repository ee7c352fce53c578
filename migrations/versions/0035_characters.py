"""Characters in revisions, and what was drawn into the cells of their matrices."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "characters",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("character", sa.JSON, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_table(
        "character_cells",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("character", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("direction", sa.String, nullable=False),
        sa.Column("pose", sa.Integer, nullable=False),
        sa.Column("asset", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Index("character_cells_of", "character", "action"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("character_cells")
    op.drop_table("characters")
