"""A payload's schema, progress with its phase and unit, and which events of a job were applied."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("schema", sa.Integer, nullable=False, server_default="1"))
    op.add_column("jobs", sa.Column("phase", sa.String, nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("unit", sa.String, nullable=False, server_default=""))
    op.create_table(
        "job_events",
        sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("answer", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("job_events")
    for name in ("unit", "phase", "schema"):
        op.drop_column("jobs", name)
