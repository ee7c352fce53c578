"""Calls of providers that make 3D models, each from its wish to its model; and what the history of
props is filtered by."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("job", sa.Integer, nullable=False, unique=True),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("asked", sa.JSON, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reference", sa.String),
        sa.Column("addresses", sa.JSON, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_at", sa.String, nullable=False),
        sa.Column("sent_at", sa.String),
        sa.Column("ended_at", sa.String),
        sa.Column("due", sa.String),
        sa.Column("deadline", sa.String),
        sa.Column("cancel_by", sa.String),
        sa.Column("cancel_sent", sa.Boolean, nullable=False),
        sa.Column("file", sa.String),
        sa.Column("bytes", sa.BigInteger),
        sa.Column("received_by", sa.Integer),
        sa.Column("asset", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("provider_calls_due", "provider_calls", ["due"])
    op.create_index("provider_calls_state", "provider_calls", ["state", "id"])
    op.create_index("provider_calls_fingerprint", "provider_calls", ["fingerprint"])
    op.create_index("assets_of_kind", "assets", ["kind", "style", "at"])


def downgrade() -> None:
    op.drop_index("assets_of_kind", "assets")
    for name in ("fingerprint", "state", "due"):
        op.drop_index(f"provider_calls_{name}", "provider_calls")
    op.drop_table("provider_calls")
