"""The studio's database on PostgreSQL: its address, checked and shown, and the engine on it.

Writers are serial, as with SQLite: `studio.database.engine.writing` holds one advisory lock of the
database to the end of its transaction. Readers see one moment (REPEATABLE READ) and wait for
nobody.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.errors import StudioError

SETTING = "STUDIO_DATABASE_URL"
FORM = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
WRITERS = 0x73747564696F  # "studio": the key of the advisory lock, of this database alone
MLFLOW = "mlflow"  # the schema of MLflow's records, beside the studio's own tables
LOCK_SECONDS = 30
IDLE_SECONDS = 120  # after which a transaction of a stuck process is ended, so that others write

# A server that was cut off without a word is noticed within about half a minute.
PATIENCE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# What drops `options` keeps MLflow's tables from being found: it needs an address without a pool.
POOLED = (
    "A pool between the studio and PostgreSQL does not hand on the `options` of the address, which "
    "keep MLflow's tables apart.",
    f"Leave {SETTING} as it is and name PostgreSQL itself for MLflow: MLFLOW_TRACKING_URI="
    f"postgresql://USER:PASSWORD@HOST:5432/DATABASE?options=-csearch_path%3D{MLFLOW} "
    f"(`restore` and `mlflow-move` need it in {SETTING}, too).",
)
SESSION = f"""
SET lock_timeout = '{LOCK_SECONDS}s';
SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';
SET TIME ZONE 'UTC';
SELECT set_config('synchronous_commit', 'on', false)
 WHERE current_setting('synchronous_commit') = 'off'
"""
LOCAL = SESSION.replace("SET ", "SET LOCAL ").replace("on', false", "on', true")


def address(text: str) -> sa.URL:
    """The address as SQLAlchemy wants it, or StudioError that never holds the password."""
    try:
        url = sa.make_url(text)
        dialect, _, driver = url.drivername.partition("+")
    except (sa.exc.ArgumentError, ValueError):
        raise StudioError(f"{SETTING} is no database's address.", f"Write {FORM}.") from None
    if dialect not in ("postgresql", "postgres") or driver not in ("", "psycopg"):
        raise StudioError(
            f"{SETTING} begins with {url.drivername}://, which the studio can't use.",
            f"Write {FORM}, or leave it unset for SQLite in the studio's folder.",
        )
    if not url.database:
        raise StudioError(f"{SETTING} names no database.", f"Write {FORM}.")
    return url.set(drivername="postgresql+psycopg")


def shown(text: str) -> str:
    """An address for people: whatever may be a password in it is starred out."""
    starred = re.sub(r"(//[^/@]*?:).*@", r"\1***@", text)
    return re.sub(r"((?:password|sslpassword|passfile)=)[^&]*", r"\1***", starred)


def patient(url: sa.URL) -> sa.URL:
    """`url` with PATIENCE in it; what it says itself stays."""
    return url.update_query_dict({k: v for k, v in PATIENCE.items() if k not in url.query})


def in_schema(url: sa.URL, schema: str) -> sa.URL:
    """`url` for connections to which the tables of `schema` are all there are, whoever opens them:
    MLflow's server has no other place for it than the address."""
    given = url.query.get("options", ())
    told = [given] if isinstance(given, str) else list(given)
    told += [
        f"-csearch_path={schema}",
        f"-clock_timeout={LOCK_SECONDS}s",
        "-ctimezone=UTC",
        f"-cidle_in_transaction_session_timeout={IDLE_SECONDS}s",
    ]
    return patient(url).update_query_dict({"options": " ".join(told)})


def make_engine(url: sa.URL) -> Engine:
    """The engine on `url`. A connection that died is replaced before it is used.

    Behind a pool (PgBouncer) each transaction may be on another of the server's sessions: what is
    set is set for it alone then, and nothing is prepared.
    """
    engine = sa.create_engine(patient(url), pool_pre_ping=True, isolation_level="REPEATABLE READ")

    @sa.event.listens_for(engine, "connect")
    def _on_connect(dbapi: Any, record: Any) -> None:
        before, dbapi.autocommit = dbapi.autocommit, True
        (session,) = dbapi.execute("SELECT pg_backend_pid()").fetchone()
        record.info["pooled"] = session != dbapi.info.backend_pid  # a pool makes up its own number
        if record.info["pooled"]:
            dbapi.prepare_threshold = None
        else:
            dbapi.execute(SESSION)
        dbapi.autocommit = before

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if connection.info.get("pooled"):
            connection.exec_driver_sql(LOCAL)

    return engine


def lock_writers(connection: Connection) -> None:
    """Wait for the database's other writers; held until this transaction ends."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS})
