"""The ledger, which only grows, and the counter of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("style", sa.String),
        sa.Column("version", sa.Integer),
        sa.Column("from_stage", sa.String),
        sa.Column("to_stage", sa.String),
        sa.Column("previous", sa.Integer),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.CheckConstraint("state IN ('intent', 'done', 'failed')", name="ledger_state"),
        sqlite_autoincrement=True,
    )
    op.create_index("ledger_style", "ledger", ["style", "id"])
    # Everything but the state stays as it was written; IS NOT also compares NULL.
    kept = ("id", "at", "actor", "action", "style", "version")
    kept += ("from_stage", "to_stage", "previous", "reason")
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in kept)
    op.execute(
        f"""CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger
        WHEN OLD.state <> 'intent' OR NEW.state NOT IN ('done', 'failed') OR {changed}
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"""
    )
    op.execute(
        """CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"""
    )
    # INSERT OR REPLACE deletes without firing the trigger above.
    op.execute(
        """CREATE TRIGGER ledger_appends BEFORE INSERT ON ledger
        WHEN NEW.id IN (SELECT id FROM ledger)
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"""
    )
    counter = op.create_table("revision", sa.Column("number", sa.Integer, nullable=False))
    op.bulk_insert(counter, [{"number": 0}])
