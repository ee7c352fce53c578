"""Ballots, their pairs and votes; rating rounds, their pictures and ratings."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    secret = op.create_table("review_secret", sa.Column("value", sa.String, nullable=False))
    op.bulk_insert(secret, [{"value": secrets.token_hex(32)}])
    op.create_table(
        "ballots",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("sides", sa.JSON, nullable=False),
        sa.Column("question", sa.String, nullable=False),
        sa.Column("asks", sa.String, nullable=False),
        sa.Column("voters", sa.Integer, nullable=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("prompts", sa.String, nullable=False),
        sa.Column("strip", sa.JSON, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("due", sa.String),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("opened_at", sa.String, nullable=False),
        sa.Column("closed_by", sa.String),
        sa.Column("closed_at", sa.String),
        sa.Column("key", sa.String, nullable=False),
        sa.UniqueConstraint("opened_by", "key", name="ballots_opened_once"),
        sa.CheckConstraint("asks IN ('panel', 'people')", name="ballots_asks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pairs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("a", sa.Integer, nullable=False),
        sa.Column("b", sa.Integer, nullable=False),
        sa.Column("a_picture", sa.String, nullable=False),
        sa.Column("b_picture", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("pairs_of_ballot", "pairs", ["ballot", "id"])
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), nullable=False),
        sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), nullable=False),
        sa.Column("voter", sa.String, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
        sa.Column("answer", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("undone_at", sa.String),
        sa.UniqueConstraint("ballot", "voter", "key", name="votes_sent_once"),
        sa.CheckConstraint("answer IN ('left', 'right', 'tie', 'bad')", name="votes_answer"),
        sqlite_autoincrement=True,
    )
    # One standing vote of a voter on a pair, whatever two tabs send; those taken back stay.
    _index_standing("votes_standing", "votes", ["ballot", "pair", "voter"])
    op.create_index("votes_of_voter", "votes", ["ballot", "voter", "id"])
    op.create_table(
        "ballots_handed_in",
        sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), primary_key=True),
        sa.Column("voter", sa.String, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_table(
        "rating_rounds",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("sides", sa.JSON, nullable=False),
        sa.Column("rubric", sa.String, nullable=False),
        sa.Column("strip", sa.JSON, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("opened_at", sa.String, nullable=False),
        sa.Column("closed_by", sa.String),
        sa.Column("closed_at", sa.String),
        sa.Column("content", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "rating_rounds_open_once",
        "rating_rounds",
        ["content"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "rating_pictures",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("round", sa.Integer, sa.ForeignKey("rating_rounds.id"), nullable=False),
        sa.Column("side", sa.Integer, nullable=False),
        sa.Column("prompt", sa.String, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("picture", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("rating_pictures_of_round", "rating_pictures", ["round", "id"])
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("round", sa.Integer, sa.ForeignKey("rating_rounds.id"), nullable=False),
        sa.Column("picture", sa.Integer, sa.ForeignKey("rating_pictures.id"), nullable=False),
        sa.Column("rater", sa.String, nullable=False),
        sa.Column("scores", sa.JSON, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("undone_at", sa.String),
        sa.UniqueConstraint("round", "rater", "key", name="ratings_sent_once"),
        sqlite_autoincrement=True,
    )
    _index_standing("ratings_standing", "ratings", ["round", "picture", "rater"])
    op.create_index("ratings_of_rater", "ratings", ["round", "rater", "id"])


def downgrade() -> None:
    op.drop_table("ratings")
    op.drop_table("rating_pictures")
    op.drop_table("rating_rounds")
    op.drop_table("ballots_handed_in")
    op.drop_table("votes")
    op.drop_table("pairs")
    op.drop_table("ballots")
    op.drop_table("review_secret")


def _index_standing(name: str, table: str, columns: list[str]) -> None:
    standing = sa.text("undone_at IS NULL")
    op.create_index(
        name, table, columns, unique=True, sqlite_where=standing, postgresql_where=standing
    )
