"""The tables of ballots and of rating rounds, and of how long things take by hand.

Sides are kept as a JSON list of [style, number]; rows name a side by its place in that list.
Votes and ratings that were taken back stay, with the moment of the undo.
"""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

# One row: the key of everything that must not be guessed (addresses, sides, orders).
secrets = sa.Table("review_secret", metadata, sa.Column("value", sa.String, nullable=False))

ballots = sa.Table(
    "ballots",
    metadata,
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
    sa.Column("repeats", sa.Integer, nullable=False, default=0),
    sa.Column("golds", sa.Integer, nullable=False, default=0),
    sa.Column("own", sa.Integer, nullable=False, default=0),
    sqlite_autoincrement=True,
)

# Who was invited; without any row for a ballot, everybody may vote on it.
voters = sa.Table(
    "ballot_voters",
    metadata,
    sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), primary_key=True),
    sa.Column("voter", sa.String, primary_key=True),
    sa.Column("invited_at", sa.String, nullable=False),
    sa.Column("invited_by", sa.String, nullable=False),
    sa.Column("reminded_at", sa.String),
    sa.Column("reminded_by", sa.String),
    sa.Column("removed_at", sa.String),
    sa.Column("removed_by", sa.String),
)

# `kind`: "real"; "repeat" shows the pair `twin` once more; "gold" shows a picture and its spoilt
# copy. `voter`: the only one who sees it, who wrote its prompt.
pairs = sa.Table(
    "pairs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), nullable=False),
    sa.Column("prompt", sa.String, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("a", sa.Integer, nullable=False),
    sa.Column("b", sa.Integer, nullable=False),
    sa.Column("a_picture", sa.String, nullable=False),
    sa.Column("b_picture", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False, default="real"),
    sa.Column("twin", sa.Integer),
    sa.Column("voter", sa.String),
    sa.Column("length", sa.Integer),
    sa.Column("category", sa.String),
    sqlite_autoincrement=True,
)

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), nullable=False),
    sa.Column("pair", sa.Integer, sa.ForeignKey("pairs.id"), nullable=False),
    sa.Column("voter", sa.String, nullable=False),
    sa.Column("left", sa.Integer, nullable=False),
    sa.Column("answer", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sqlite_autoincrement=True,
)

# Voters who have handed in: they see the result and vote no more.
handed_in = sa.Table(
    "ballots_handed_in",
    metadata,
    sa.Column("ballot", sa.Integer, sa.ForeignKey("ballots.id"), primary_key=True),
    sa.Column("voter", sa.String, primary_key=True),
    sa.Column("at", sa.String, nullable=False),
)

rounds = sa.Table(
    "rating_rounds",
    metadata,
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
    sa.Column("wanted", sa.Integer, nullable=False, default=0),
    sa.Column("due", sa.String),
    sqlite_autoincrement=True,
)

# Raters whose ratings of a round no longer count.
removed_raters = sa.Table(
    "rating_removed",
    metadata,
    sa.Column("round", sa.Integer, sa.ForeignKey("rating_rounds.id"), primary_key=True),
    sa.Column("rater", sa.String, primary_key=True),
    sa.Column("removed_at", sa.String, nullable=False),
    sa.Column("removed_by", sa.String, nullable=False),
)

rated = sa.Table(
    "rating_pictures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("round", sa.Integer, sa.ForeignKey("rating_rounds.id"), nullable=False),
    sa.Column("side", sa.Integer, nullable=False),
    sa.Column("prompt", sa.String, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("picture", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("round", sa.Integer, sa.ForeignKey("rating_rounds.id"), nullable=False),
    sa.Column("picture", sa.Integer, sa.ForeignKey("rating_pictures.id"), nullable=False),
    sa.Column("rater", sa.String, nullable=False),
    sa.Column("scores", sa.JSON, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("undone_at", sa.String),
    sqlite_autoincrement=True,
)

# How long one of a category takes by hand, in minutes; "*" stands for all others.
hand_minutes = sa.Table(
    "hand_minutes",
    metadata,
    sa.Column("category", sa.String, primary_key=True),
    sa.Column("minutes", sa.Float, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)
