"""People with their roles, sessions, tokens, and what guards signing in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False, unique=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("subject", sa.String, unique=True),
        sa.Column("password", sa.String),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("shut_at", sa.String),
        sa.CheckConstraint(
            "role IN ('viewer', 'artist', 'art lead', 'producer', 'admin')", name="people_role"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("hash", sa.String, nullable=False, unique=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("began_at", sa.String, nullable=False),
        sa.Column("seen_at", sa.String, nullable=False),
        sa.Column("ended_at", sa.String),
        sa.Column("browser", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("sessions_of", "sessions", ["person"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("hash", sa.String, nullable=False, unique=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("made_at", sa.String, nullable=False),
        sa.Column("until", sa.String, nullable=False),
        sa.Column("used_at", sa.String),
        sa.Column("withdrawn_at", sa.String),
        sa.CheckConstraint(
            "role IN ('viewer', 'artist', 'art lead', 'producer', 'admin')", name="tokens_role"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("tokens_of", "tokens", ["person"])
    op.create_table(
        "sign_in_tries",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("last_at", sa.String, nullable=False),
    )
    op.create_table(
        "used_sign_ins",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
    )


def downgrade() -> None:
    for name in ("used_sign_ins", "sign_in_tries", "tokens", "sessions", "people"):
        op.drop_table(name)
