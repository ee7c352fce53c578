"""A lane for what is done in minutes, beside the long work."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

STATES = "state IN ('queued', 'running', 'done', 'failed', 'cancelled')"
BEFORE = "lane IN ('interactive', 'work')"
NOW = "lane IN ('interactive', 'short', 'work')"


def upgrade() -> None:
    _let_be(NOW, BEFORE)


def downgrade() -> None:
    jobs = sa.table("jobs", sa.column("lane"))
    op.execute(jobs.update().where(jobs.c.lane == "short").values(lane="work"))
    _let_be(BEFORE, NOW)


def _let_be(lanes: str, before: str) -> None:
    """Other lanes for jobs. SQLite can change no constraint: the table is copied, and it tells
    neither checks nor what numbers its rows."""
    old = sa.Table("jobs", sa.MetaData(), autoload_with=op.get_bind(), sqlite_autoincrement=True)
    old.append_constraint(sa.CheckConstraint(before, name="jobs_lane"))
    old.append_constraint(sa.CheckConstraint(STATES, name="jobs_state"))
    with op.batch_alter_table("jobs", copy_from=old) as batch:
        batch.drop_constraint("jobs_lane", type_="check")
        batch.create_check_constraint("jobs_lane", lanes)
