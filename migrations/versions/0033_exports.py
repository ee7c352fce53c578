"""Exports: profiles in revisions, the one that a person took last for a style, and what was
exported, where, as which file."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "export_profiles",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("profile", sa.JSON, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_table(
        "export_choices",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("style", sa.String, primary_key=True),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("asset", sa.String, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "export_files",
        sa.Column("export", sa.Integer, sa.ForeignKey("exports.id"), primary_key=True),
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("asset", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("more", sa.JSON, nullable=False),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_index("export_files_asset", "export_files", ["asset", "at"])
    op.create_index("export_files_place", "export_files", ["destination", "path"])


def downgrade() -> None:
    for name in ("place", "asset"):
        op.drop_index(f"export_files_{name}", "export_files")
    for table in ("export_files", "exports", "export_choices", "export_profiles"):
        op.drop_table(table)
