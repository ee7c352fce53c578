"""The studio's own database: one SQLite file in WAL, its migrations, and transactions that write.

MLflow keeps a database of its own (`studio.mlflow_store`). PostgreSQL is not covered here yet: the
file locks and the PRAGMAs are SQLite's.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.errors import StudioError

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
BUSY_SECONDS = 30.0

metadata = sa.MetaData()

ledger = sa.Table(
    "ledger",
    metadata,
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
    sqlite_autoincrement=True,
)

revision_counter = sa.Table("revision", metadata, sa.Column("number", sa.Integer, nullable=False))


def open_database(home: Path) -> Engine:
    """The engine on home/studio.db, created or brought up to date when needed.

    Raises StudioError where the file's schema is newer than this checkout, or is no database.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = home / "studio.db"
    engine = _engine(path)
    try:
        with file_lock(home / "studio.db.lock"):
            _upgrade(engine, path)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise StudioError(
            f"The database {path} can't be opened: {error.orig}.",
            "Restore it from its folder's backups, or set STUDIO_HOME to another folder.",
        ) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its first statement (BEGIN IMMEDIATE).

    Without it, two that read first and write later could fail halfway instead of waiting.
    """
    with engine.connect().execution_options(immediate=True) as connection:
        with connection.begin():
            yield connection


def bump(connection: Connection) -> None:
    """Count one change, so that caches of other processes know they are old."""
    connection.execute(revision_counter.update().values(number=revision_counter.c.number + 1))


def revision(engine: Engine) -> int:
    """How many changes the database has seen: the key of every cache of what it holds."""
    with engine.connect() as connection:
        return int(connection.execute(sa.select(revision_counter.c.number)).scalar_one())


def home_of(engine: Engine) -> Path:
    """The folder that the engine's database lies in."""
    if engine.url.database is None:
        raise ValueError("an engine without a file has no home")
    return Path(engine.url.database).parent


@contextmanager
def file_lock(path: Path, seconds: float = 60.0) -> Iterator[None]:
    """Hold an exclusive lock on `path`, across processes and threads; a dead holder frees it."""
    end = time.monotonic() + seconds
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise StudioError(
                        f"{path} has been locked by another process for {seconds:.0f} s.",
                        "Wait until it is done, or end it, and try again.",
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _engine(path: Path) -> Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}
    )

    @sa.event.listens_for(engine, "connect")
    def _on_connect(dbapi: Any, record: Any) -> None:
        dbapi.isolation_level = None  # the driver would begin transactions too late, and deferred
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _upgrade(engine: Engine, path: Path) -> None:
    """Bring the schema to the newest revision, after a copy of what was there."""
    import logging

    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    known = {script.revision for script in scripts.walk_revisions()}
    current = _schema(engine)
    if current == head:
        return
    if current is not None and current not in known:
        raise StudioError(
            f"The database {path} has schema {current!r}, which this version of the studio "
            "does not know: a newer one wrote it.",
            "Update the studio, or restore a backup that was made before.",
        )
    if current is not None:
        _back_up(path, current)
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as plain:
        plain.execute("PRAGMA journal_mode=WAL")  # kept in the file; once is enough
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _schema(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if found is None else str(found)


def _back_up(path: Path, schema: str) -> Path:
    """Copy the database beside itself, named for its schema; SQLite's own copy includes the WAL."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"studio-{schema}-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}.db"
    aside = target.with_suffix(".part")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(aside)) as copy:
        source.backup(copy)
    os.replace(aside, target)
    return target
