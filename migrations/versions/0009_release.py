"""Release: gates as they were shown, requests, rollouts, pins, and notices to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "gate_checks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("move", sa.Integer, sa.ForeignKey("ledger.id"), nullable=False),
        sa.Column("gate", sa.String, nullable=False),
        sa.Column("asks", sa.String, nullable=False),
        sa.Column("says", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("overridden", sa.String, nullable=False),
    )
    op.create_index("gate_checks_move", "gate_checks", ["move"])
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("decided_by", sa.String),
        sa.Column("decided_at", sa.String),
        sa.Column("answer", sa.String, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'withdrawn')", name="requests_state"
        ),
    )
    op.create_index("requests_style", "requests", ["style", "state"])
    op.create_table(
        "request_comments",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("request", sa.Integer, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
    )
    op.create_index("request_comments_request", "request_comments", ["request"])
    op.create_table(
        "rollouts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("against", sa.Integer, nullable=False),
        sa.Column("percent", sa.Float, nullable=False),
        sa.Column("people", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("begun_by", sa.String, nullable=False),
        sa.Column("begun_at", sa.String, nullable=False),
        sa.Column("ended_at", sa.String),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'aborted', 'completed')", name="rollouts_state"
        ),
    )
    op.create_index("rollouts_style", "rollouts", ["style", "name"], unique=True)
    op.create_table(
        "pins",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("assets", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.create_index("pins_whose", "pins", ["style", "person", "assets"], unique=True)
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("style", sa.String),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.String),
        sa.Column("sent_at", sa.String),
        sa.Column("error", sa.String, nullable=False),
    )
    op.create_index("notices_due", "notices", ["due"])


def downgrade() -> None:
    for name in ("notices", "pins", "rollouts", "request_comments", "requests", "gate_checks"):
        op.drop_table(name)
