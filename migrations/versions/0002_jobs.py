"""The table of jobs, which is the authority on what runs, and the workers that take them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("lane", sa.String, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", sa.String, nullable=False),
        sa.Column("key", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("worker", sa.String),
        sa.Column("group_id", sa.Integer),
        sa.Column("group_born", sa.String),
        sa.Column("group_mark", sa.String),
        sa.Column("lease_until", sa.String),
        sa.Column("heartbeat_at", sa.String),
        sa.Column("started_at", sa.String),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("says", sa.String, nullable=False),
        sa.Column("kept", sa.JSON),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.String),
        sa.Column("remedy", sa.String),
        sa.Column("cancel_by", sa.String),
        sa.Column("ended_at", sa.String),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.UniqueConstraint("asked_by", "key", name="jobs_asked_once"),
        sa.CheckConstraint("lane IN ('interactive', 'work')", name="jobs_lane"),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="jobs_state"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("jobs_waiting", "jobs", ["state", "lane", "id"])
    op.create_index("jobs_unseen", "jobs", ["asked_by", "seen", "id"])
    op.create_table(
        "workers",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("lanes", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("started_at", sa.String, nullable=False),
        sa.Column("seen_at", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_table("jobs")
