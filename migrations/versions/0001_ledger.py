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
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgres()
    else:
        _guard_sqlite()
    counter = op.create_table("revision", sa.Column("number", sa.Integer, nullable=False))
    op.bulk_insert(counter, [{"number": 0}])


def downgrade() -> None:
    op.drop_table("revision")
    op.drop_table("ledger")  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_only_grows()")


# Everything but the state stays as it was written.
KEPT: tuple[str, ...] = ("id", "at", "actor", "action", "style", "version")
KEPT += ("from_stage", "to_stage", "previous", "reason")


def _guard_sqlite() -> None:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in KEPT)  # also compares NULL
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


def _guard_postgres() -> None:
    """The same refusals; a number that is there already is refused by the primary key."""
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in KEPT)
    op.execute(
        """CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the ledger only grows'
        USING ERRCODE = 'integrity_constraint_violation'; END $$"""
    )
    op.execute(
        f"""CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger FOR EACH ROW
        WHEN (OLD.state <> 'intent' OR NEW.state NOT IN ('done', 'failed') OR {changed})
        EXECUTE FUNCTION ledger_only_grows()"""
    )
    op.execute(
        """CREATE TRIGGER ledger_stays BEFORE DELETE OR TRUNCATE ON ledger FOR EACH STATEMENT
        EXECUTE FUNCTION ledger_only_grows()"""
    )
