"""Who is asked to vote or rate; pairs that check a voter, and pairs of a voter's own prompts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for name in ("repeats", "golds", "own"):
        op.add_column(
            "ballots", sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))
        )
    op.add_column("pairs", sa.Column("kind", sa.String, nullable=False, server_default="real"))
    op.add_column("pairs", sa.Column("twin", sa.Integer))
    op.add_column("pairs", sa.Column("voter", sa.String))
    op.add_column("pairs", sa.Column("length", sa.Integer))
    op.add_column("pairs", sa.Column("category", sa.String))
    op.create_table(
        "ballot_voters",
        sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), primary_key=True),
        sa.Column("voter", sa.String, primary_key=True),
        sa.Column("invited_at", sa.String, nullable=False),
        sa.Column("invited_by", sa.String, nullable=False),
        sa.Column("reminded_at", sa.String),
        sa.Column("reminded_by", sa.String),
        sa.Column("removed_at", sa.String),
        sa.Column("removed_by", sa.String),
    )
    op.add_column(
        "rating_rounds",
        sa.Column("wanted", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    op.add_column("rating_rounds", sa.Column("due", sa.String))
    op.create_table(
        "rating_removed",
        sa.Column("round", sa.Integer, sa.ForeignKey("rating_rounds.id"), primary_key=True),
        sa.Column("rater", sa.String, primary_key=True),
        sa.Column("removed_at", sa.String, nullable=False),
        sa.Column("removed_by", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("rating_removed")
    op.drop_column("rating_rounds", "due")
    op.drop_column("rating_rounds", "wanted")
    op.drop_table("ballot_voters")
    for name in ("category", "length", "voter", "twin", "kind"):
        op.drop_column("pairs", name)
    for name in ("own", "golds", "repeats"):
        op.drop_column("ballots", name)
