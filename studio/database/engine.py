"""The studio's own database: its migrations, and transactions that write.

One SQLite file in WAL in the studio's folder, or PostgreSQL where its address is set
(`studio.database.postgres`). MLflow keeps a database of its own (`studio.tracking.client`).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine

from studio.database import availability, dump, postgres
from studio.database.availability import DatabaseAway, tell_plainly
from studio.errors import StudioError
from studio.store import private
from studio.store.publish import publishing

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
BUSY_SECONDS = 30.0
RESTORING = (
    "restoring.json"  # there while a restore puts files into place (`studio.operations.restore`)
)

_transaction: ContextVar[tuple[Engine, Connection] | None] = ContextVar("transaction", default=None)
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
    sa.Column("settles", sa.Integer),  # the intent whose outcome this row is
    sa.Column("hash", sa.String, nullable=False, server_default=""),
    sa.Index("ledger_settles", "settles", unique=True),
    sqlite_autoincrement=True,
)

# Each transaction on PostgreSQL that writes leaves one, for `availability.stored`.
commit_marks = sa.Table(
    "commit_marks",
    metadata,
    sa.Column("mark", sa.String, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),  # seconds since 1970
    sa.Index("commit_marks_at", "at"),
)

revision_counter = sa.Table("revision", metadata, sa.Column("number", sa.Integer, nullable=False))
_BUMP = revision_counter.update().values(number=revision_counter.c.number + 1)


def open_database(home: Path, url: str | None = None) -> Engine:
    """The engine on home/studio.db, or on PostgreSQL at `url`; made or brought up to date.

    Raises StudioError where the schema is newer than this checkout, the file is no database, a
    restore was cut off; DatabaseAway where PostgreSQL does not answer.
    """
    if (home / RESTORING).exists():
        raise StudioError(
            f"Restoring a backup into {home} was cut off, or is still under way.",
            "Let it finish, or call the same restore command again: it goes on where it stopped.",
        )
    home.mkdir(parents=True, exist_ok=True)
    private.tighten(home)
    engine = make_engine(home, url)
    try:
        with file_lock(home / "studio.db.lock"):
            upgrade(engine)
    except sa.exc.DatabaseError as error:
        engine.dispose()
        raise StudioError(
            f"The database {shown(engine)} can't be opened: {error.orig}.",
            "Restore it from its folder's backups, or set STUDIO_HOME to another folder.",
        ) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its first statement.

    SQLite: BEGIN IMMEDIATE, for which the threads of a process queue (`_turn`); PostgreSQL: an
    advisory lock, and each statement sees what was committed before it. Without that, two that
    read first and write later could both believe what they read.

    Within another `writing` of the same engine it is that one's transaction: all of it is stored
    at the outer block's end, or none.

    Where PostgreSQL goes away while it commits it is asked whether it did. DatabaseAway is then
    raised only for what is not stored, or `availability.Unsure` where it does not answer soon.
    """
    outer = _transaction.get()
    if outer is not None and outer[0] is engine:
        yield outer[1]
        return
    committing = None
    try:
        with _turn(engine), engine.connect().execution_options(immediate=True) as connection:
            if is_postgres(engine):
                connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                if is_postgres(engine):
                    postgres.lock_writers(connection)
                opened = _transaction.set((engine, connection))
                try:
                    yield connection
                finally:
                    _transaction.reset(opened)
                if is_postgres(engine):
                    committing = availability.transaction(connection)
    except DatabaseAway as error:
        if committing is None or not availability.stored(engine, committing, error):
            raise


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for the other threads of this process that write to SQLite. Its own way of waiting is to
    sleep between looks, up to 100 ms each (sqliteDefaultBusyCallback), and whoever comes anew
    overtakes the sleepers. Whoever is not let in within BUSY_SECONDS waits in that way."""
    lock: threading.Lock | None = engine.get_execution_options().get("turn")
    held = lock is not None and lock.acquire(timeout=BUSY_SECONDS)
    try:
        yield
    finally:
        if lock is not None and held:
            lock.release()


def is_writing(engine: Engine) -> bool:
    """Whether the caller is within a `writing` of this engine: nothing is stored before its end."""
    outer = _transaction.get()
    return outer is not None and outer[0] is engine


def is_postgres(engine: Engine) -> bool:
    """Whether the engine is on PostgreSQL; else it is on SQLite."""
    return engine.dialect.name == "postgresql"


def bump(connection: Connection) -> None:
    """Count one change, so that caches of other processes know they are old."""
    connection.execute(_BUMP)


def revision(engine: Engine) -> int:
    """How many changes the database has seen: the key of every cache of what it holds."""
    with engine.connect() as connection:
        return int(connection.execute(sa.select(revision_counter.c.number)).scalar_one())


def home_of(engine: Engine) -> Path:
    """The studio's folder that the engine belongs to."""
    return Path(engine.get_execution_options()["home"])


def shown(engine: Engine) -> str:
    """The database's address for people, without its password."""
    where = engine.url.render_as_string(hide_password=True)
    return postgres.shown(where) if is_postgres(engine) else str(engine.url.database)


@contextmanager
def file_lock(path: Path, seconds: float = 60.0) -> Iterator[None]:
    """Hold an exclusive lock on `path`, across processes and threads; a dead holder frees it.

    StudioError where another holds it for `seconds`; below 0 it is waited for without end.
    """
    lock = FileLock(path, seconds, poll_interval=0.02, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise StudioError(
            f"{path} has been locked by another process for {seconds:.0f} s.",
            "Wait until it is done, or end it, and try again.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def address(home: Path, url: str | None) -> sa.URL:
    """Where the database of a studio's folder is: the file in it, or PostgreSQL at `url`."""
    if url:
        return postgres.address(url)
    return sa.URL.create("sqlite", database=str(home / "studio.db"))


def make_engine(home: Path, url: str | None) -> Engine:
    """An engine on the database as it is: nothing is made or brought up to date."""
    place = address(home, url)
    on_sqlite = place.get_backend_name() == "sqlite"
    engine = _sqlite_engine(place) if on_sqlite else postgres.make_engine(place)
    tell_plainly(engine)
    engine.update_execution_options(home=str(home))
    return engine


def _sqlite_engine(url: sa.URL) -> Engine:
    # Kept for as many as ask at once: a new connection reads the whole schema before it answers.
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS}, pool_size=16)
    engine.update_execution_options(turn=threading.Lock())

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
        if connection.get_execution_options().get("immediate"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # takes no lock, so there is nothing to be told of it that SQLAlchemy would word
            cursor = connection.connection.cursor()
            cursor.execute("BEGIN")
            cursor.close()

    return engine


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, after a copy of what was there."""
    head = _scripts().get_current_head()
    with engine.connect() as connection:
        current = schema(connection)
    if current == head:
        return
    if current is not None and current not in known_schemas():
        raise StudioError(
            f"The database {shown(engine)} has schema {current!r}, which this version of the "
            "studio does not know: a newer one wrote it.",
            "Update the studio, or restore a backup that was made before.",
        )
    if not is_postgres(engine):
        with closing(sqlite3.connect(str(engine.url.database), timeout=BUSY_SECONDS)) as plain:
            plain.execute("PRAGMA journal_mode=WAL")  # kept in the file; once is enough
    if current is not None:
        try:
            back_up(engine)
        except sa.exc.SQLAlchemyError:
            with engine.connect() as connection:
                if schema(connection) == current:
                    raise
            return  # another machine was quicker, and took a table away while it was copied
    with writing(engine) as connection:
        if schema(connection) == current:  # else another machine was quicker
            migrate(connection)


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to revision `to` within the caller's transaction."""
    _run(connection, "upgrade", to)


def unmigrate(connection: Connection, to: str = "base") -> None:
    """Take the migrations back down to revision `to` within the caller's transaction."""
    _run(connection, "downgrade", to)


def schema(connection: Connection) -> str | None:
    """The revision that the database is at; None: it holds no studio."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def known_schemas() -> set[str]:
    """Every revision that this checkout's migrations know."""
    return {script.revision for script in _scripts().walk_revisions()}


def _run(connection: Connection, what: str, to: str) -> None:
    import logging

    from alembic import command

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = _config()
    config.attributes["connection"] = connection
    getattr(command, what)(config, to)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def back_up(engine: Engine) -> Path:
    """Copy the database into the folder's backups, named for its schema.

    SQLite's own copy includes the WAL; PostgreSQL's rows are written as `studio.database.dump`
    reads them.
    """
    folder = home_of(engine) / "backups"
    folder.mkdir(exist_ok=True)
    with engine.connect() as connection:
        at = schema(connection)
    name = f"studio-{at}-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
    target = folder / (f"{name}.rows.zip" if is_postgres(engine) else f"{name}.db")
    with publishing(target) as aside:
        if is_postgres(engine):
            dump.write_zip(engine, aside)
        else:
            path = str(engine.url.database)
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(aside)) as copy:
                source.backup(copy)
    return target
