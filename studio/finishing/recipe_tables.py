"""The tables of recipes: those that people set for a style, and those made of a dataset."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

# A revision whose recipe is "" takes the one before away: the dataset's holds again.
style_recipes = sa.Table(
    "style_recipes",
    metadata,
    sa.Column("style", sa.String, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("recipe", sa.String, nullable=False),  # as `recipe.written` has it
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Index("style_recipes_mark", "mark"),
)

dataset_recipes = sa.Table(
    "dataset_recipes",
    metadata,
    sa.Column("dataset", sa.String, primary_key=True),  # the digest of its version
    sa.Column("side", sa.Integer, primary_key=True, autoincrement=False),  # that is drawn
    sa.Column("recipe", sa.String, nullable=False),
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index("dataset_recipes_mark", "mark"),
)
