"""People who wait in one lane are served in turn. What waits already keeps its order: those jobs
have one turn, in which the oldest is taken first."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
    op.create_index("jobs_turn", "jobs", ["lane", "turn"])
    op.create_index("jobs_turn_of", "jobs", ["lane", "asked_by", "turn"])


def downgrade() -> None:
    op.drop_index("jobs_turn_of", "jobs")
    op.drop_index("jobs_turn", "jobs")
    op.drop_column("jobs", "turn")
