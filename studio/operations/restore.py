"""A backup put back: read and checked aside as a whole, then moved into place step by step.

Each step can be taken again, and until the last is done no studio opens the folder
(`studio.database.engine.RESTORING`), so nobody ever works in half a studio. What was there before
is moved aside, never deleted. A backup of SQLite may be restored into PostgreSQL and the other way
round.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database import dump
from studio.database import engine as db
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.operations import backup_archive, mlflow_relocation, store_move, there_already
from studio.operations.backup import BEFORE, LEFT_OUT, keeps
from studio.operations.backup_archive import ANOTHER
from studio.operations.in_use import refuse_at_work
from studio.operations.there_already import STAGED
from studio.outbox.tables import store_place, stored_files
from studio.settings import Settings
from studio.store.publish import publish
from studio.tracking import tables, version_files
from studio.tracking.moved_folder import artifact_folder
from studio.tracking.tables import take_place

Report = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """A folder that is to be filled from `staged`; `old` names what is moved to `before` first."""

    into: str
    staged: str
    before: str
    old: list[str]


@dataclass(frozen=True)
class Plan:
    """What a restore has still to do; kept in the studio's folder until all of it is done."""

    digest: str
    places: list[Place]
    schema: str
    tables: list[str]
    rows: str  # folder of the rows, to be put into PostgreSQL
    mlflow: bool = False  # whether MLflow's records are staged there, too


@dataclass(frozen=True)
class Restored:
    """What was put back; where that lies which was there before, if anything was; and the versions
    whose files were not in the backup."""

    made_at: str
    rows: int
    files: int
    before: list[str]
    missing: list[str]


def check(file: Path) -> backup_archive.Manifest:
    """Read a backup to its end and say what it holds; StudioError unless every byte is right."""
    return backup_archive.unpack(file, _only_read)[0]


def restore(
    settings: Settings, file: Path, now: datetime, report: Report, *, replace: bool = False
) -> Restored:
    """Put a backup back as the studio of `settings`.

    StudioError, with nothing changed, where the file is damaged, where there is a studio already
    and `replace` was not said, or one is at work. One that was cut off earlier is finished first.
    """
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    with db.file_lock(home / "restore.lock", seconds=1):
        done = _go_on(settings, report)
        _sweep(settings)
        if done:
            manifest, digest = backup_archive.unpack(file, _only_read)
            if digest == done.digest:
                return _sent(settings, _restored(settings, manifest, done), now, report)
        there = there_already.holds(settings)
        if there and not replace:
            raise StudioError(
                f"{home} holds a studio already: {there}.",
                "Choose an empty folder (--home), or say --replace: what is there is kept aside.",
            )
        if there:
            refuse_at_work(settings)
        there_already.refuse_filled(settings)
        manifest, plan = _stage(settings, file, f"{now:%Y%m%dT%H%M%S}", report)
        _keep(home, plan)
        _finish(settings, plan)
        return _sent(settings, _restored(settings, manifest, plan), now, report)


def _sent(settings: Settings, done: Restored, now: datetime, report: Report) -> Restored:
    """The files of a studio that has its place in a bucket go there, too."""
    if settings.store.in_s3:
        report(
            f"All is in the folder, and goes into {settings.store.shown}. Cut off, go on with: "
            "python -m studio store move s3"
        )
        store_move.into_bucket(settings, now, report, stopped=True)
    return done


def sweep(settings: Settings) -> None:
    """Take away what a killed restore unpacked; nothing while one is under way or to be ended."""
    with db.file_lock(settings.home / "restore.lock", seconds=0):
        if not (settings.home / db.RESTORING).exists():
            _sweep(settings)


def _sweep(settings: Settings) -> None:
    """The caller holds the lock, and there is no plan: these folders are nobody's."""
    for top in {settings.home, settings.artifacts}:
        for left in top.glob(f"{STAGED}*.part"):
            shutil.rmtree(left, ignore_errors=True)


def _restored(settings: Settings, manifest: backup_archive.Manifest, plan: Plan) -> Restored:
    before = [place.before for place in plan.places if Path(place.before).exists()]
    files = sum(name.startswith(("home/", "mlruns/")) for name in manifest.files)
    return Restored(manifest.made_at, manifest.rows, files, before, _missing(settings))


def _missing(settings: Settings) -> list[str]:
    """The versions whose files are not there, by the records that were put back."""
    place = tables.place(settings.home, settings.database_url)
    if place.get_backend_name() == "sqlite" and not (settings.home / tables.FILE).exists():
        return []
    records = tables.make_engine(place)
    try:
        with records.connect() as connection:
            return [str(one) for one in version_files.lost(connection, settings.artifacts)]
    finally:
        records.dispose()


def _stage(
    settings: Settings, file: Path, token: str, report: Report
) -> tuple[backup_archive.Manifest, Plan]:
    """Unpack and check a backup beside what it is to become: moving that is one step each."""
    home, artifacts = settings.home.resolve(), settings.artifacts.resolve()
    name = f"{STAGED}{token}-{os.getpid()}"
    staged, rows = home / f"{name}.part", home / f"{name}.rows.part"
    inside = artifacts.is_relative_to(home)
    mlruns = staged / artifacts.relative_to(home) if inside else artifacts / f"{name}.part"
    into = [(home, staged)] if inside else [(home, staged), (artifacts, mlruns)]
    try:
        manifest, digest = backup_archive.unpack(
            file, lambda name: _target(name, staged, mlruns, rows)
        )
        report(f"Every one of {len(manifest.files)} files is as it was written.")
        with _fitting():
            mlflow = _prepare(settings, manifest, staged, mlruns, rows)
    except BaseException:
        for folder in (staged, mlruns, rows):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    places = [_place(to, source, token) for to, source in into]
    return manifest, Plan(digest, places, manifest.schema, manifest.tables, str(rows), mlflow)


def _go_on(settings: Settings, report: Report) -> Plan | None:
    """Finish a restore that was cut off, if one was."""
    try:
        told = json.loads((settings.home / db.RESTORING).read_text("utf-8"))
    except FileNotFoundError:
        return None
    plan = Plan(**{**told, "places": [Place(**place) for place in told["places"]]})
    _finish(settings, plan)
    report("A restore that was cut off has been finished.")
    return plan


def _finish(settings: Settings, plan: Plan) -> None:
    """Every step that was not taken yet."""
    rows = Path(plan.rows)
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        if db.is_postgres(engine) and not _filled(engine, plan.digest):
            with _fitting():
                _fill(engine, plan.schema, plan.tables, rows, plan.digest, plan.mlflow)
    except DatabaseAway:
        raise  # perhaps it was done and nobody could say so: the next call looks
    except StudioError:
        # Nothing was moved yet, so everything can stay as it was.
        (settings.home / db.RESTORING).unlink(missing_ok=True)
        for folder in (rows, *(Path(place.staged) for place in plan.places)):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        engine.dispose()
    shutil.rmtree(rows, ignore_errors=True)
    # Moves of a plan that is kept, each of which can be taken again; nothing is written here.
    for place in plan.places:
        into, before, staged = Path(place.into), Path(place.before), Path(place.staged)
        for name in place.old:
            if not (before / name).exists() and (into / name).exists():
                before.mkdir(parents=True, exist_ok=True)
                os.rename(into / name, before / name)
        for path in sorted(staged.iterdir()) if staged.exists() else []:
            os.rename(path, into / path.name)
        shutil.rmtree(staged, ignore_errors=True)
    (settings.home / db.RESTORING).unlink(missing_ok=True)


@contextmanager
def _fitting() -> Iterator[None]:
    """Says plainly that what a backup holds is no studio's rows or records."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, FileNotFoundError) as error:
        raise StudioError(f"The backup holds no studio: {error!r:.300}.", ANOTHER) from error
    except (sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        said = str(getattr(error, "orig", None) or error)[:300]
        raise StudioError(f"The backup's databases can't be put back: {said}.", ANOTHER) from error


def _prepare(
    settings: Settings, manifest: backup_archive.Manifest, home: Path, mlruns: Path, rows: Path
) -> bool:
    """Make the staged folders what the studio's are to be; refuse a schema that is too new.
    Whether MLflow's records are staged in PostgreSQL."""
    if manifest.schema not in db.known_schemas():
        raise StudioError(
            f"The backup has schema {manifest.schema!r}: a newer studio wrote it.",
            "Update the studio, then restore it.",
        )
    home.mkdir(parents=True, exist_ok=True)
    mlruns.mkdir(parents=True, exist_ok=True)
    files = settings.artifacts.resolve()
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        if db.is_postgres(engine):
            if _schema(engine):
                db.back_up(engine)
            return mlflow_relocation.into_postgres(settings, manifest, home, rows / "mlflow", files)
        mlflow_relocation.into_file(manifest, home, rows / "mlflow", files)
    finally:
        engine.dispose()
    with closing(sqlite3.connect(home / "studio.db")) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
    engine = db.make_engine(home, None)
    try:
        _fill(engine, manifest.schema, manifest.tables, rows)
    finally:
        engine.dispose()
    return False


def _fill(
    engine: Engine,
    schema: str,
    tables: list[str],
    rows: Path,
    digest: str = "",
    mlflow: bool = False,
) -> None:
    """Make the database the backup's and up to date, in one transaction that notes `digest`; on
    PostgreSQL MLflow's records, staged there or none, change places in it, too."""
    with db.writing(engine) as connection:
        if db.schema(connection) is not None:
            db.unmigrate(connection)
        db.migrate(connection, schema)
        there = {table.name: table for table in dump.tables(connection)}
        if set(there) != set(tables):
            odd = ", ".join(sorted(set(there) ^ set(tables)))
            raise StudioError(f"The backup's tables differ in {odd}.", ANOTHER)
        for name in there:  # those that others refer to come first
            with (rows / f"{name}.jsonl").open("rb") as file:
                dump.load(connection, there[name], file)
        db.migrate(connection)
        connection.execute(artifact_folder.delete())  # the records were brought to this one's files
        for table in (stored_files, store_place):  # the backup has what was in a bucket
            connection.execute(table.delete())
        if db.is_postgres(engine):
            take_place(connection, mlflow)
            connection.exec_driver_sql(f"COMMENT ON TABLE revision IS '{digest}'")


def _filled(engine: Engine, digest: str) -> bool:
    with engine.connect() as connection:
        told = "SELECT obj_description(to_regclass('revision'))"
        return connection.exec_driver_sql(told).scalar() == digest


def _only_read(name: str) -> None:
    """StudioError for a member that no backup has."""
    if not keeps(name):
        raise StudioError(f"The backup holds {name!r}, which no studio writes.", ANOTHER)


def _target(name: str, home: Path, mlruns: Path, rows: Path) -> Path | None:
    _only_read(name)
    top, _, rest = name.partition("/")
    if name == "mlflow.db":
        return home / name
    return {"rows": rows, "mlflow": rows / "mlflow", "home": home, "mlruns": mlruns}[top] / rest


def _place(into: Path, staged: Path, token: str) -> Place:
    stays = (db.RESTORING, "README.md", *LEFT_OUT[1:])
    old = [
        path.name
        for path in sorted(into.iterdir())
        if path.name not in stays
        and not path.name.startswith((BEFORE, STAGED))
        and not path.name.endswith(".lock")
    ]
    return Place(str(into), str(staged), str(into / f"{BEFORE}{token}"), old)


def _keep(home: Path, plan: Plan) -> None:
    publish(home / db.RESTORING, json.dumps(asdict(plan)))


def _schema(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return db.schema(connection)
