"""MLflow's own tables: made, brought up to date, and carried between SQLite and PostgreSQL.

In PostgreSQL they are in a schema of their own (`studio.database.postgres.MLFLOW`) of the studio's
database; what is carried there is filled aside, in STAGED, and takes its place by a name's change.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database import dump, postgres
from studio.database import engine as db
from studio.database.availability import tell_plainly
from studio.errors import StudioError
from studio.store.publish import publishing

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

FILE = "mlflow.db"
# In a script of MLflow's: its own revision, and the one that it goes on from.
MADE = re.compile(r"^revision = [\"'](\w+)[\"']", re.MULTILINE)
LEFT = re.compile(r"^down_revision = [\"'](\w+)[\"']", re.MULTILINE)
STAGED = "mlflow_new"
MAKERS = 0x6D6C666C6F77  # "mlflow": the advisory lock of whoever makes or changes the tables
BESIDE = (
    "MLflow's records are still in mlflow.db, not in PostgreSQL; they go on there. To move them, "
    "stop the studio, then: python -m studio mlflow-move"
)
TOLD = ("runs", "registered_models", "logged_models")  # one row in them, and there is something

Lines = Callable[
    [str], Iterable[bytes]
]  # of a table's name: its file, as `studio.database.dump` writes it


def place(home: Path, database_url: str | None) -> sa.URL:
    """Where the records of a studio's folder are: in PostgreSQL where that is set, unless
    `mlflow.db` still holds them; else in that file."""
    address = db.address(home, database_url)
    if address.get_backend_name() == "postgresql" and not _kept_in_file(home, address):
        return postgres.in_schema(address, postgres.MLFLOW)
    return file(home / FILE)


def in_postgres(home: Path, database_url: str | None) -> bool:
    """Whether PostgreSQL holds the records, or would: the studio is on it, and no file has them."""
    return place(home, database_url).get_backend_name() == "postgresql"


def kept_beside(home: Path, database_url: str | None) -> bool:
    """Whether the studio is on PostgreSQL and MLflow's records are still in a file."""
    address = db.address(home, database_url)
    return address.get_backend_name() == "postgresql" and _kept_in_file(home, address)


def file(path: Path) -> sa.URL:
    """The address of records in a SQLite file."""
    return sa.URL.create("sqlite", database=str(path.resolve()))


def make_engine(url: sa.URL) -> Engine:
    """An engine on the records at `url`, whose transactions also hold what makes tables."""
    if url.get_backend_name() == "postgresql":
        engine = postgres.make_engine(url)
    else:
        engine = sa.create_engine(url, connect_args={"timeout": db.BUSY_SECONDS})

        @sa.event.listens_for(engine, "connect")
        def _on_connect(dbapi: sqlite3.Connection, record: object) -> None:
            dbapi.isolation_level = None  # the driver would commit before each table it makes

        @sa.event.listens_for(engine, "begin")
        def _on_begin(connection: Connection) -> None:
            now = connection.get_execution_options().get("immediate")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if now else "BEGIN")

    tell_plainly(engine)
    return engine


def bring_up_to_date(url: sa.URL, backups: Path) -> None:
    """Make the records' tables, or change older ones after a copy into `backups`.

    All changes or none, one process at a time. Raises StudioError where a newer MLflow wrote them,
    or something between drops what sets them apart from the studio's own.
    """
    engine = make_engine(url)
    try:
        if db.is_postgres(engine):
            _make_schema(engine)
        with engine.connect() as connection:
            now = db.schema(connection)
        if now == head():
            return
        if now is not None:
            _refuse_unknown(now)
        with changing(engine) as connection:
            if db.schema(connection) != now:
                return  # another process was quicker
            if now is not None:
                back_up(engine, backups)
            migrate(connection)
    finally:
        engine.dispose()


def migrate(connection: Connection, to: str = "head") -> None:
    """Make the tables, or bring them to revision `to`, within the caller's transaction."""
    import logging

    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from mlflow.store.db.base_sql_model import Base
    from mlflow.store.tracking.dbmodels.initial_models import Base as First

    logging.getLogger("alembic").setLevel(logging.WARNING)
    if db.schema(connection) is None:
        First.metadata.create_all(connection)
    scripts = _scripts()
    steps = EnvironmentContext(
        Config(), scripts, fn=lambda now, _: scripts._upgrade_revs(to, now), destination_rev=to
    )
    with steps:  # as MLflow does it, but on one connection
        steps.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=False,
        )
        steps.run_migrations()


def head() -> str:
    """The revision that the installed MLflow works with, by the text of its scripts: to run them
    loads MLflow, which takes seconds."""
    texts = [file.read_text("utf-8") for file in _folder().glob("versions/*.py")]
    made, left = ({found for text in texts for found in of.findall(text)} for of in (MADE, LEFT))
    (last,) = made - left
    return str(last)


def back_up(engine: Engine, folder: Path) -> Path:
    """Copy the records into `folder`, named for their schema."""
    folder.mkdir(exist_ok=True)
    with engine.connect() as connection:
        at = db.schema(connection)
    name = f"mlflow-{at}-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
    target = folder / (f"{name}.rows.zip" if db.is_postgres(engine) else f"{name}.db")
    with publishing(target) as aside:
        if db.is_postgres(engine):
            dump.write_zip(engine, aside)
        else:
            copy_file(Path(str(engine.url.database)), aside)
    return target


def copy_file(path: Path, to: Path) -> None:
    """SQLite's own copy, with what stands in its log; one file, which needs nothing beside it."""
    with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def within(connection: Connection) -> Iterator[str | None]:
    """The studio's transaction, on PostgreSQL, sees MLflow's tables in place of its own; gives
    their revision, None where there are none."""
    connection.exec_driver_sql(f"SET LOCAL search_path TO {postgres.MLFLOW}")
    yield db.schema(connection)
    connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")


def fill(connection: Connection, revision: str, names: Iterable[str], lines: Lines) -> int:
    """Make the tables as they were at `revision`, put the rows of `names` in and bring all up to
    date; how many rows there are. StudioError where they don't fit."""
    _refuse_unknown(revision)
    migrate(connection, revision)
    there = {table.name: table for table in dump.tables(connection)}
    if odd := sorted(set(there) ^ set(names)):
        raise StudioError(f"MLflow's tables differ in {', '.join(odd)}.", "Use another copy.")
    count = 0
    for name, table in there.items():  # those that others refer to come first
        try:
            count += dump.load(connection, table, lines(name))
        except (sa.exc.DataError, sa.exc.IntegrityError) as error:
            raise StudioError(
                f"A row of MLflow's table {name} can't be taken over: {error.orig}.",
                "Mend that row where it comes from, then try again; nothing was changed.",
            ) from error
    migrate(connection)
    return count


def stage(
    address: sa.URL, revision: str, names: Iterable[str], lines: Lines, then: Callable[..., None]
) -> int:
    """Fill STAGED of the studio's PostgreSQL at `address` as `fill` does; `then` may change the
    rows of the connection that it is given."""
    plain = postgres.make_engine(address)
    engine = make_engine(postgres.in_schema(address, STAGED))
    try:
        with plain.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {STAGED} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {STAGED}")
        with changing(engine) as connection:
            count = fill(connection, revision, names, lines)
            then(connection)
        return count
    finally:
        engine.dispose()
        plain.dispose()


def take_place(connection: Connection, staged: bool, of: str = "") -> None:
    """Drop MLflow's tables from the studio's PostgreSQL; what was staged comes in their place,
    marked as the rows whose `fingerprint` is `of`."""
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {postgres.MLFLOW} CASCADE")
    if staged:
        connection.exec_driver_sql(f"ALTER SCHEMA {STAGED} RENAME TO {postgres.MLFLOW}")
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {postgres.MLFLOW} IS '{of}'")


def taken_from(connection: Connection) -> str:
    """The `fingerprint` of the rows that took MLflow's place in the studio's PostgreSQL."""
    mark = f"SELECT obj_description(to_regnamespace('{postgres.MLFLOW}'), 'pg_namespace')"
    return str(connection.exec_driver_sql(mark).scalar() or "")


def fingerprint(names: Iterable[str], lines: Lines) -> str:
    """What tells these rows from any others."""
    digest = hashlib.sha256()
    for name in sorted(names):
        for line in lines(name):
            digest.update(line)
    return digest.hexdigest()


@contextmanager
def reading(path: Path) -> Iterator[tuple[str, list[str], Lines]]:
    """Revision, tables and rows of the records in a SQLite file; nobody writes to it meanwhile."""
    engine = make_engine(file(path))
    try:
        with engine.connect().execution_options(immediate=True) as connection:
            revision = db.schema(connection)
            if revision is None:
                raise StudioError(f"{path.name} holds no records of MLflow's.")
            there = {table.name: table for table in dump.tables(connection)}
            yield revision, list(there), lambda name: dump.lines(connection, there[name])
    finally:
        engine.dispose()


def told(connection: Connection) -> int:
    """How many runs and models the records hold; 0 in those of a new studio."""
    there = [name for name in TOLD if sa.inspect(connection).has_table(name)]
    counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {n}").scalar_one() for n in there]
    return sum(map(int, counts))


def _kept_in_file(home: Path, address: sa.URL) -> bool:
    if not (home / FILE).is_file() or not (home / FILE).stat().st_size:
        return False
    engine = make_engine(file(home / FILE))
    try:
        with engine.connect() as connection:
            if not told(connection):
                return False
    finally:
        engine.dispose()
    engine = make_engine(address)
    try:
        return not sa.inspect(engine).has_table("experiments", schema=postgres.MLFLOW)
    finally:
        engine.dispose()


def _make_schema(engine: Engine) -> None:
    wanted = postgres.MLFLOW
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKERS})
        path = str(connection.exec_driver_sql("SHOW search_path").scalar())
        if wanted not in str(engine.url.query.get("options")):
            return  # a database of MLflow's own, named by the person
        if path != wanted:
            raise StudioError(*postgres.POOLED)
        if sa.inspect(connection).has_schema(wanted):
            return
        try:
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {wanted}")
        except sa.exc.ProgrammingError as error:
            raise StudioError(
                f"The database's user may not make the schema {wanted}: {error.orig}.",
                f"Let the database's owner run: CREATE SCHEMA {wanted} AUTHORIZATION "
                f"{engine.url.username}",
            ) from error


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """One transaction, of the only process that makes or changes the tables."""
    with engine.connect().execution_options(immediate=True) as connection:
        if db.is_postgres(engine):
            connection.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            if db.is_postgres(engine):
                key = {"key": MAKERS}
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), key)
            yield connection


def _refuse_unknown(revision: str) -> None:
    if revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise StudioError(
            f"MLflow's records have schema {revision!r}, which this studio's MLflow does not know:"
            " a newer one wrote them.",
            "Update the studio, or restore a backup that was made before.",
        )


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_folder()))


def _folder() -> Path:
    found = importlib.util.find_spec("mlflow")  # importing it would take seconds
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "store" / "db_migrations"
