"""Machines elsewhere, what was sent to them, and where each job is computed: those of before, here.
What a job needs of an accelerator's memory, and how much a worker has."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

STATES = "state IN ('queued', 'running', 'done', 'failed', 'cancelled')"
BEFORE = "lane IN ('interactive', 'short', 'work')"
NOW = "lane IN ('interactive', 'short', 'work', 'elsewhere')"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("where", sa.String, nullable=False, server_default="here"))
    op.add_column("jobs", sa.Column("gpu_gb", sa.Float, nullable=False, server_default="0"))
    op.add_column("workers", sa.Column("gpu_gb", sa.Float, nullable=False, server_default="0"))
    _let_be(NOW, BEFORE)
    op.create_table(
        "machines",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("idle_close", sa.Float),
        sa.Column("at_once", sa.Integer, nullable=False),
        sa.Column("said", sa.JSON),
        sa.Column("seen_at", sa.String),
        sa.Column("trouble", sa.String, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("made_at", sa.String, nullable=False),
    )
    op.create_table(
        "machine_runs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), nullable=False),
        sa.Column("machine", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("charge", sa.Integer),
        sa.Column("waited_ms", sa.BigInteger, nullable=False),
        sa.Column("computed_ms", sa.BigInteger, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("made_at", sa.String, nullable=False),
        sa.Column("sent_at", sa.String),
        sa.Column("ended_at", sa.String),
        sa.Column("closed_at", sa.String),
        sa.Column("due", sa.String),
    )
    op.create_index("machine_runs_job", "machine_runs", ["job"])
    op.create_index("machine_runs_open", "machine_runs", ["closed_at", "machine"])


def downgrade() -> None:
    for name in ("open", "job"):
        op.drop_index(f"machine_runs_{name}", "machine_runs")
    op.drop_table("machine_runs")
    op.drop_table("machines")
    op.drop_column("workers", "gpu_gb")
    jobs = sa.table("jobs", sa.column("lane"))
    op.execute(jobs.update().where(jobs.c.lane == "elsewhere").values(lane="work"))
    _let_be(BEFORE, NOW)
    op.drop_column("jobs", "gpu_gb")
    op.drop_column("jobs", "where")


def _let_be(lanes: str, before: str) -> None:
    """Other lanes for jobs. SQLite can change no constraint: the table is copied, and it tells
    neither checks nor what numbers its rows."""
    old = sa.Table("jobs", sa.MetaData(), autoload_with=op.get_bind(), sqlite_autoincrement=True)
    old.append_constraint(sa.CheckConstraint(before, name="jobs_lane"))
    old.append_constraint(sa.CheckConstraint(STATES, name="jobs_state"))
    with op.batch_alter_table("jobs", copy_from=old) as batch:
        batch.drop_constraint("jobs_lane", type_="check")
        batch.create_check_constraint("jobs_lane", lanes)
