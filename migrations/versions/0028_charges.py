"""Money: charges, limits on spending, price lists, and when each attempt at a job ran.
Jobs of before have no run times: their hours cost nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "charges",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("token", sa.String, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("estimate", sa.BigInteger, nullable=False),
        sa.Column("actual", sa.BigInteger),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("style", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("machine", sa.String, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("job", sa.Integer),
        sa.Column("price_list", sa.String, nullable=False),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.String),
        sa.Column("until", sa.String),
        sa.Column("made_at", sa.String, nullable=False),
        sa.Column("sent_at", sa.String),
        sa.Column("ended_at", sa.String),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("settled_by", sa.String),
        sa.Column("why", sa.String, nullable=False),
        sa.CheckConstraint("estimate >= 0 AND (actual IS NULL OR actual >= 0)", "charges_amounts"),
        sqlite_autoincrement=True,
    )
    op.create_index("charges_month", "charges", ["month", "currency", "source"])
    op.create_index("charges_state", "charges", ["state", "until"])
    op.create_index("charges_job", "charges", ["job"])
    op.create_table(
        "spending_limits",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount", sa.BigInteger),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
    )
    op.create_table(
        "price_lists",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("prices", sa.JSON, nullable=False),
        sa.Column("since", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
    )
    op.create_table(
        "job_runs",
        sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("worker", sa.String, nullable=False),
        sa.Column("began_at", sa.String, nullable=False),
        sa.Column("ended_at", sa.String),
        sa.Column("counted", sa.Boolean, nullable=False),
    )
    op.create_index("job_runs_open", "job_runs", ["counted", "ended_at"])


def downgrade() -> None:
    op.drop_index("job_runs_open", "job_runs")
    op.drop_table("job_runs")
    op.drop_table("price_lists")
    op.drop_table("spending_limits")
    for name in ("charges_job", "charges_state", "charges_month"):
        op.drop_index(name, "charges")
    op.drop_table("charges")
