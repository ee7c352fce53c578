"""Webhooks for finished jobs and each delivery of one; the request that a job was asked by; tokens
for one purpose alone. Jobs and tokens of before have neither."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("token", sa.Integer, sa.ForeignKey("tokens.id")),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("old_secret", sa.String),
        sa.Column("old_until", sa.String),
        sa.Column("made_at", sa.String, nullable=False),
        sa.Column("ended_at", sa.String),
        sa.Column("why_ended", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("webhooks_of", "webhooks", ["owner", "ended_at"])
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message", sa.String, nullable=False, unique=True),
        sa.Column("webhook", sa.Integer, sa.ForeignKey("webhooks.id"), nullable=False),
        sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("asked_at", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.String),
        sa.Column("tried_at", sa.String),
        sa.Column("sent_at", sa.String),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("webhook_deliveries_due", "webhook_deliveries", ["due"])
    op.create_index("webhook_deliveries_of", "webhook_deliveries", ["webhook", "id"])
    op.create_index("webhook_deliveries_job", "webhook_deliveries", ["job"])
    op.add_column("jobs", sa.Column("request_id", sa.String, nullable=False, server_default=""))
    op.create_index("jobs_request", "jobs", ["request_id"])
    # What /metrics counts of them, without their payloads.
    op.create_index("jobs_ended", "jobs", ["state", "kind", "started_at", "ended_at"])
    op.add_column("tokens", sa.Column("scope", sa.String, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("tokens", "scope")
    for name in ("jobs_ended", "jobs_request"):
        op.drop_index(name, "jobs")
    op.drop_column("jobs", "request_id")
    for name in ("job", "of", "due"):
        op.drop_index(f"webhook_deliveries_{name}", "webhook_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_index("webhooks_of", "webhooks")
    op.drop_table("webhooks")
