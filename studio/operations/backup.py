"""One file with the whole studio, made while people go on working.

First the rows as they are at one moment, and MLflow's records while no stage moves; then the
files. Files are written before the rows that name them and hardly ever change, so every file that
a row names is there; SQLite's are copied by its own means. Left out is what can be made again
(cache/), and earlier copies (backups/). What the folder has no more comes from the bucket.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from studio.assets.tables import asset_files
from studio.database import dump
from studio.database import engine as db
from studio.errors import StudioError
from studio.operations import backup_archive, backup_bucket
from studio.outbox.tables import UP, stored_files
from studio.settings import Settings
from studio.store import partial_files, reserved_room
from studio.store.bucket import Bucket
from studio.store.contents import FOLDER as STORE
from studio.store.publish import publishing
from studio.store.reserved_room import Promise
from studio.tracking import addresses, version_files
from studio.tracking.tables import FILE, copy_file, in_postgres, make_engine, within
from studio.tracking.tables import file as sqlite_file

LEFT_OUT = ("cache", "backups", "machine", "machines.seal")  # of the studio's folder
OWN = ("studio.db", FILE)  # read by their own means, with what lies beside them
DATABASE = ".db"  # SQLite's files of any other kind, such as a sweep's trials
BESIDE = tuple(f"{DATABASE}{end}" for end in ("-journal", "-wal", "-shm"))
BEFORE = "before-restore-"

MARK = "CACHEDIR.TAG"  # in a job's folder of what is not kept: `studio.upscaling.work_folders`

Files = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Made:
    """A backup that was written: bytes of the file, number of rows and files in it."""

    file: Path
    size: int
    rows: int
    files: int
    mlflow: bool  # whether MLflow's records are in it
    missing: list[str]  # what is not in it: files of versions, and files that the bucket lacks


def back_up(settings: Settings, file: Path, now: datetime, report: Callable[[str], None]) -> Made:
    """Write the studio of `settings` into `file`, which must not be there yet, in place of what a
    killed backup left beside it.

    Raises StudioError, with no file made, where there is no studio or no room.
    """
    file = file.expanduser().resolve()
    if file.exists():
        raise StudioError(f"{file} is there already.", "Choose another name.")
    if not file.parent.is_dir():
        raise StudioError(f"There is no folder {file.parent}.", "Make it, or choose another.")
    if (settings.home / db.RESTORING).exists():
        raise StudioError("A restore was cut off.", "Call the same restore command again first.")
    partial_files.sweep_beside(file)
    remedy = "Make room or mend the rights, then try again; no file was made."
    bucket = backup_bucket.opened(settings, now)
    size = _size(settings) + (backup_bucket.size(settings) if bucket else 0)
    with (
        reserved_room.reserving(settings.home, file.parent, size, 0) as room,
        publishing(file, remedy=remedy) as aside,
    ):
        try:
            with aside.open("xb") as out:
                os.fchmod(out.fileno(), 0o600)  # it holds what everybody voted
                made = _write(settings, bucket, out, aside, now, report, room)
        finally:
            _copy_of_mlflow(aside).unlink(missing_ok=True)
    rows, files, mlflow, missing = made
    return Made(file, file.stat().st_size, rows, files, mlflow, missing)


def _write(
    settings: Settings,
    bucket: Bucket | None,
    out: object,
    aside: Path,
    now: datetime,
    report: Callable[[str], None],
    room: Promise,
) -> tuple[int, int, bool, list[str]]:
    files: Files = {}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        of_bucket = backup_bucket.address(bucket) if bucket else ""
        schema, kind, tables, rows, mlflow, missing, gone, wanted = _records(
            settings, of_bucket, tar, files, aside
        )
        report(f"{rows} rows of {len(tables)} tables.")
        if gone:
            report(
                f"{len(gone):,} files of the gallery are gone, such as {gone[0]}: doctor has all."
            )
        copy = _copy_of_mlflow(aside)
        if copy.exists():
            with copy.open("rb") as source:
                size = os.fstat(source.fileno()).st_size
                name = FILE
                files[name] = (size, backup_archive.add(tar, name, source, size))
        elif not mlflow:
            report("MLflow's records are not in the studio's folder: back them up where they are.")
        for name, path in _files(settings):
            if path.suffix != DATABASE or not _add_database(tar, name, path, files, aside):
                _add(tar, name, path, files)
            room.written(files[name][0] if name in files else 0)
        if bucket:
            missing += _add_away(settings, bucket, tar, files, aside)
            missing += [said for name, said in wanted.items() if name not in files]
        kept = sum(name.startswith(("home/", "mlruns/")) for name in files)
        report(f"{kept} files.")
        manifest = backup_archive.Manifest(
            format=backup_archive.format_of(mlflow, of_bucket),
            made_at=now.isoformat(timespec="seconds"),
            database=kind,
            schema=schema,
            artifacts=str(settings.artifacts.resolve()),
            tables=tables,
            rows=rows,
            files=files,
            mlflow=mlflow,
            missing=missing,
            bucket=of_bucket,
        )
        backup_archive.seal(tar, manifest)
    return rows, kept, bool(mlflow) or copy.exists(), missing


def _records(
    settings: Settings, of_bucket: str, tar: tarfile.TarFile, files: Files, aside: Path
) -> tuple[str, str, list[str], int, str, list[str], list[str], dict[str, str]]:
    """Both databases, while no stage moves: schema, kind, tables and number of rows; the schema of
    MLflow's records where they are rows, too, of the same moment; the versions that lack files;
    the files of assets that are gone; and what the backup must have of versions in the bucket."""
    home, missing, wanted = settings.home, list[str](), dict[str, str]()
    place = db.address(home, settings.database_url)
    if place.get_backend_name() == "sqlite" and not (home / "studio.db").exists():
        raise StudioError(f"There is no studio in {home}.", "Look at STUDIO_HOME.")
    engine = db.make_engine(home, settings.database_url)
    try:
        with db.file_lock(home / "registry.lock"), engine.connect() as connection:
            schema = db.schema(connection)
            if schema is None:
                raise StudioError(f"{db.shown(engine)} holds no studio.", "Look at the settings.")
            tables = dump.tables(connection)
            rows = sum(_add_rows(tar, files, aside, connection, "rows", one) for one in tables)
            gone = _gone(connection, home) if asset_files.name in {t.name for t in tables} else []
            mlflow = ""
            if in_postgres(home, settings.database_url):
                with within(connection) as at:
                    mlflow = at or ""
                    for one in dump.tables(connection) if at else ():
                        _add_rows(tar, files, aside, connection, "mlflow", one)
                    missing = _missing(connection, settings.artifacts.resolve())
                    wanted = backup_bucket.described(connection, of_bucket)
            elif (home / FILE).exists():
                copy_file(home / FILE, _copy_of_mlflow(aside))
                records = make_engine(sqlite_file(_copy_of_mlflow(aside)))
                with records.connect() as inner:
                    missing = _missing(inner, settings.artifacts.resolve())
                    wanted = backup_bucket.described(inner, of_bucket)
                records.dispose()
    finally:
        engine.dispose()
    names = [table.name for table in tables]
    return schema, engine.dialect.name, names, rows, mlflow, missing, gone, wanted


def _gone(connection: db.Connection, home: Path) -> list[str]:
    paths = connection.execute(db.sa.select(asset_files.c.path).order_by(asset_files.c.path))
    gone = [path for path in paths.scalars() if not (home / path).exists()]
    if gone and connection.dialect.has_table(connection, stored_files.name):
        query = db.sa.select(stored_files.c.path).where(stored_files.c.state == UP)
        there = set(connection.scalars(query))  # taken from the bucket
        gone = [path for path in gone if path not in there]
    return gone


def _missing(records: db.Connection, artifacts: Path) -> list[str]:
    """The versions whose files are not among those that are kept; what the records of a folder
    that was moved name is, where it lies now."""
    tops = addresses.places(records, artifacts)
    return [str(one) for one in version_files.lost(records, artifacts, tops)]


def _add_rows(
    tar: tarfile.TarFile,
    files: Files,
    aside: Path,
    connection: db.Connection,
    top: str,
    table: db.sa.Table,
) -> int:
    with TemporaryFile(dir=aside.parent) as kept:
        count = -1  # the first line is the table's head
        for line in dump.lines(connection, table):
            kept.write(line)
            count += 1
        size = kept.tell()
        kept.seek(0)
        name = f"{top}/{table.name}.jsonl"
        files[name] = (size, backup_archive.add(tar, name, kept, size))
    return count


def _size(settings: Settings) -> int:
    """Bytes of all files to keep; the databases' are about as many as their rows take."""
    found = 0
    for _, path in _files(settings):
        with suppress(OSError):  # gone meanwhile
            found += path.stat().st_size
    return found


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every file to keep with its member's name: the folder's first, then MLflow's."""
    home, artifacts = settings.home.resolve(), settings.artifacts.resolve()
    for path in _walk(home, home, artifacts):
        yield f"home/{path.relative_to(home).as_posix()}", path
    if (home / STORE).is_symlink():  # on a larger disk; no other folder's link is followed
        elsewhere = (home / STORE).resolve()
        for path in _walk(elsewhere, home, None):
            yield f"home/{STORE}/{path.relative_to(elsewhere).as_posix()}", path
    for path in _walk(artifacts, home, None):
        yield f"mlruns/{path.relative_to(artifacts).as_posix()}", path


def _walk(top: Path, home: Path, besides: Path | None) -> Iterator[Path]:
    for here, folders, names in os.walk(top):
        folder = Path(here)
        if MARK in names and folder.parent.parent == home / "jobs":
            folders.clear()  # tiles of an enlarging, which are drawn again
            continue
        folders[:] = sorted(
            n for n in folders if folder / n != besides and not _left_out(folder, n, home)
        )
        for name in sorted(names):
            if not _left_out(folder, name, home):
                yield folder / name


def keeps(name: str) -> bool:
    """Whether a backup keeps a member of this name; not the databases' own files, locks and such,
    which are written by other means or never."""
    top, _, rest = name.partition("/")
    parts = rest.split("/")
    if top not in ("home", "mlruns"):
        return True
    return not any(_passing(one) for one in parts) and not (top == "home" and _own(parts[0]))


def _left_out(folder: Path, name: str, home: Path) -> bool:
    return _passing(name) or (folder == home and _own(name))


def _passing(name: str) -> bool:
    return name.endswith((".part", ".lock", *BESIDE)) or name == db.RESTORING


def _own(name: str) -> bool:
    return name in LEFT_OUT or name.startswith((*OWN, BEFORE))


def _add(tar: tarfile.TarFile, name: str, path: Path, files: Files) -> None:
    """One file as it is now, as long as it was when opened; one that has just gone is left out."""
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, IsADirectoryError):
        return
    except OSError:
        if path.is_symlink() or not path.is_file():
            return
        raise
    with os.fdopen(source, "rb") as opened:
        told = os.fstat(opened.fileno())
        if stat.S_ISREG(told.st_mode):
            digest = backup_archive.add(tar, name, opened, told.st_size, told.st_mtime)
            files[name] = (told.st_size, digest)


def _add_away(
    settings: Settings, bucket: Bucket, tar: tarfile.TarFile, files: Files, aside: Path
) -> list[str]:
    """What is in the bucket alone, each compared on its way; what of it can't be had."""
    missing = []
    wanted = [one for one in backup_bucket.away(settings, bucket, files) if keeps(one.member)]
    with closing(backup_bucket.brought(bucket, wanted, aside)) as found:
        for one, copy, wrong in found:
            if wrong:
                missing.append(wrong)
            else:
                _add(tar, one.member, copy, files)
    return missing


def _add_database(tar: tarfile.TarFile, name: str, path: Path, files: Files, aside: Path) -> bool:
    """A SQLite file as its last transaction left it, whoever writes it now; False: it is none."""
    copy = aside.with_name(f"{aside.name}.copy.part")
    try:
        if path.is_symlink() or not path.is_file():
            return False
        copy_file(path, copy)
        _add(tar, name, copy, files)
    except sqlite3.DatabaseError:
        return False  # what it is instead is kept as it is
    finally:
        for left in (copy, copy.with_name(f"{copy.name}-journal")):
            left.unlink(missing_ok=True)
    return True


def _copy_of_mlflow(aside: Path) -> Path:
    return aside.with_name(f"{aside.name}.mlflow.part")
