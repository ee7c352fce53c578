"""The ledger as a chain: each row knows the hash of the one before, outcomes are rows too."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

OLD: tuple[str, ...] = (
    "at",
    "actor",
    "action",
    "style",
    "version",
    "from_stage",
    "to_stage",
    "previous",
)
OLD += ("reason", "state", "settles")
GROWS = "the ledger only grows"


def upgrade() -> None:
    _loosen()
    op.add_column("ledger", sa.Column("settles", sa.Integer))
    op.add_column("ledger", sa.Column("hash", sa.String, nullable=False, server_default=""))
    op.create_index("ledger_settles", "ledger", ["settles"], unique=True)
    _chain()
    _guard()


def downgrade() -> None:
    _loosen()
    bind = op.get_bind()
    for settles, state in bind.execute(
        sa.text("SELECT settles, state FROM ledger WHERE settles IS NOT NULL")
    ).fetchall():
        bind.execute(
            sa.text("UPDATE ledger SET state = :state WHERE id = :id"),
            {"state": state, "id": settles},
        )
    bind.execute(sa.text("DELETE FROM ledger WHERE settles IS NOT NULL"))
    op.drop_index("ledger_settles", "ledger")
    op.drop_column("ledger", "settles")
    op.drop_column("ledger", "hash")
    _first_guard()


def _chain() -> None:
    """The rows that are there, hashed as `studio.database.ledger` does it."""
    bind = op.get_bind()
    columns = ", ".join(["id", *OLD])
    before = ""
    for id, *values in bind.execute(
        sa.text(f"SELECT {columns} FROM ledger ORDER BY id")
    ).fetchall():
        told = json.dumps([before, *values], ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(told.encode()).hexdigest()
        bind.execute(
            sa.text("UPDATE ledger SET hash = :hash WHERE id = :id"), {"hash": before, "id": id}
        )


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _loosen() -> None:
    for name in ("ledger_keeps", "ledger_stays"):
        op.execute(f"DROP TRIGGER {name}" + (" ON ledger" if _postgres() else ""))


def _guard() -> None:
    """No row is changed any more, not even an intent's."""
    if _postgres():
        for name, what in (("ledger_keeps", "UPDATE"), ("ledger_stays", "DELETE OR TRUNCATE")):
            op.execute(
                f"""CREATE TRIGGER {name} BEFORE {what} ON ledger FOR EACH STATEMENT
                EXECUTE FUNCTION ledger_only_grows()"""
            )
        return
    for name, what in (("ledger_keeps", "UPDATE"), ("ledger_stays", "DELETE")):
        op.execute(
            f"""CREATE TRIGGER {name} BEFORE {what} ON ledger
            BEGIN SELECT RAISE(ABORT, '{GROWS}'); END"""
        )


def _first_guard() -> None:
    """As the first migration made it: an intent's outcome could be filled in."""
    kept = ["id", *OLD[:-2]]
    refused = "OLD.state <> 'intent' OR NEW.state NOT IN ('done', 'failed') OR "
    if _postgres():
        refused += " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in kept)
        op.execute(
            f"""CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger FOR EACH ROW
            WHEN ({refused}) EXECUTE FUNCTION ledger_only_grows()"""
        )
        op.execute(
            """CREATE TRIGGER ledger_stays BEFORE DELETE OR TRUNCATE ON ledger FOR EACH STATEMENT
            EXECUTE FUNCTION ledger_only_grows()"""
        )
        return
    refused += " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in kept)
    op.execute(
        f"""CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger WHEN {refused}
        BEGIN SELECT RAISE(ABORT, '{GROWS}'); END"""
    )
    op.execute(
        f"""CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger
        BEGIN SELECT RAISE(ABORT, '{GROWS}'); END"""
    )
