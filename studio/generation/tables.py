"""The table of prompts that are kept as templates, with fields."""

from __future__ import annotations

import sqlalchemy as sa

from studio.database.engine import metadata

templates = sa.Table(
    "prompt_templates",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("style", sa.String, nullable=False),  # "": of all styles
    sa.Column("prompt", sa.String, nullable=False),
    sa.Column("negative", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index("prompt_templates_name", "style", "name", unique=True),
    sqlite_autoincrement=True,
)
