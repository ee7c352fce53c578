"""Where MLflow's records name its files, by whole path, and how they follow a folder that moved.

Only folders are looked at, named plainly or as `file:` URIs; what lies in S3 stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy import Connection

from studio.errors import StudioError

ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
WRITTEN_ONCE = ("logged_models", "model_versions")  # what they name is only read from then on


def folder(address: str) -> Path | None:
    """The folder that an address names; None where it names none of this machine's."""
    if address.startswith("/"):
        return Path(address)
    parts = urlsplit(address)
    here = parts.scheme == "file" and parts.netloc in ("", "localhost")
    return Path(unquote(parts.path)) if here and parts.path.startswith("/") else None


def readdress(connection: Connection, old: Path, new: Path, stay: bool = False) -> None:
    """Let the records name MLflow's files where they lie now: in `new`, no more in `old`.

    With `stay` models whose files are in `old` alone are still read there; experiments and runs,
    which are written to, never stay. StudioError where a path is too long for PostgreSQL's columns.
    """
    for table, column in ADDRESSES:
        if not _has(connection, table, column):
            continue
        for was, now in ((old.as_uri(), new.as_uri()), (str(old), str(new))):
            begins = f"substr({column}, 1, :size) = :was"
            known = {"size": len(was) + 1, "was": f"{was}/"}
            kept = [""]
            if stay and table in WRITTEN_ONCE:
                asked = sa.text(f"SELECT DISTINCT {column} FROM {table} WHERE {begins}")
                found = connection.execute(asked, known).scalars().all()
                kept += [address for address in found if _only_there(address, old, new)]
            moving = sa.text(
                f"UPDATE {table} SET {column} = CAST(:now AS TEXT) || substr({column}, :rest) "
                f"WHERE {begins} AND {column} NOT IN :kept"
            ).bindparams(sa.bindparam("kept", expanding=True))
            more = {"now": f"{now}/", "rest": len(was) + 2, "kept": kept}
            try:
                connection.execute(moving, {**known, **more})
            except sa.exc.DataError as error:
                raise StudioError(
                    f"{new} is too long a path for MLflow's records in PostgreSQL.",
                    "Use a folder with a shorter path; nothing was changed.",
                ) from error


def point_to(connection: Connection, old: Path, new: Path) -> None:
    """Let models whose files are in the folder `old` itself have them in `new`."""
    for table, column in ADDRESSES:
        if table in WRITTEN_ONCE and _has(connection, table, column):
            moving = sa.text(f"UPDATE {table} SET {column} = :new WHERE {column} IN (:uri, :path)")
            were = {"uri": old.as_uri(), "path": str(old)}
            connection.execute(moving, {"new": new.as_uri(), **were})


def places(connection: Connection, here: Path) -> list[Path]:
    """Other folders than `here` that the studio's experiments have their files in, by the records
    alone: each is named as `here`, and an experiment's folder in it for the experiment. One that is
    still there, and not here, is another's."""
    if not _has(connection, "experiments", "artifact_location"):
        return []
    query = "SELECT name, artifact_location FROM experiments WHERE artifact_location IS NOT NULL"
    found = set()
    for name, address in connection.exec_driver_sql(query):
        its = folder(address)
        if its is None or its.name != name or its.parent.name != here.name:
            continue
        if its.parent != here and ((here / name).is_dir() or not its.is_dir()):
            found.add(its.parent)
    return sorted(found)


def of_versions(connection: Connection) -> Iterator[tuple[str, int, str]]:
    """Style, number and address of the files of each version; empty where nobody knows it."""
    if not _has(connection, "model_versions", "source"):
        return
    storage = "storage_location" if _has(connection, "model_versions", "storage_location") else "''"
    query = sa.text(
        f"SELECT name, version, source, {storage} FROM model_versions "
        "WHERE coalesce(current_stage, '') <> 'Deleted_Internal' ORDER BY name, version"
    )
    models = {}
    if _has(connection, "logged_models", "artifact_location"):
        asked = "SELECT model_id, artifact_location FROM logged_models"
        models = {f"models:/{id}": place for id, place in connection.exec_driver_sql(asked)}
    for name, version, source, stored in connection.execute(query).all():
        address = stored or models.get(source, source) or ""
        yield str(name), int(version), "" if address.startswith("models:/") else str(address)


def _only_there(address: str, old: Path, new: Path) -> bool:
    place = folder(address)
    return place is not None and place.is_dir() and not (new / place.relative_to(old)).is_dir()


def _has(connection: Connection, table: str, column: str) -> bool:
    seen = sa.inspect(connection)
    return seen.has_table(table) and column in {one["name"] for one in seen.get_columns(table)}
