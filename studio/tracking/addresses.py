"""Where MLflow's records name its files, by whole address, and how they follow files that moved.

A place is a folder, named plainly or as a `file:` URI, or an address in a bucket, `s3://...`. What
other programs put elsewhere stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy import Connection

from studio.errors import StudioError

Place = Path | str  # a folder; or where a bucket has them: s3://BUCKET/KEY, as plain as the key
ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
WRITTEN_ONCE = ("logged_models", "model_versions")  # what they name is only read from then on
BUCKET = "s3://"


def folder(address: str) -> Path | None:
    """The folder that an address names; None where it names none of this machine's."""
    if address.startswith("/"):
        return Path(address)
    parts = urlsplit(address)
    here = parts.scheme == "file" and parts.netloc in ("", "localhost")
    return Path(unquote(parts.path)) if here and parts.path.startswith("/") else None


def below(address: str, place: str) -> str | None:
    """What an address in a bucket names below `place`, as `items/models/m-1`; None: it is not
    there."""
    return address[len(place) + 1 :] if place and address.startswith(f"{place}/") else None


def readdress(connection: Connection, old: Place, new: Place, stay: bool = False) -> None:
    """Let the records name MLflow's files where they lie now: in `new`, no more in `old`.

    With `stay` models whose files are in the folder `old` alone are still read there; experiments
    and runs, which are written to, never stay. StudioError where a path is too long for
    PostgreSQL's columns.
    """
    for table, column in ADDRESSES:
        if not _has(connection, table, column):
            continue
        for was, now, written in _forms(old, new):
            begins = f"substr({column}, 1, :size) = :was"
            known = {"size": len(was) + 1, "was": f"{was}/"}
            asked = sa.text(f"SELECT DISTINCT {column} FROM {table} WHERE {begins}")
            found = connection.execute(asked, known).scalars().all()
            kept = [""]
            if stay and table in WRITTEN_ONCE and isinstance(old, Path) and isinstance(new, Path):
                kept += [address for address in found if _only_there(address, old, new)]
            behind = {address: address[len(was) + 1 :] for address in found}
            odd = {a: f"{now}/{written(b)}" for a, b in behind.items() if written(b) != b}
            moving = sa.text(
                f"UPDATE {table} SET {column} = CAST(:now AS TEXT) || substr({column}, :rest) "
                f"WHERE {begins} AND {column} NOT IN :kept"
            ).bindparams(sa.bindparam("kept", expanding=True))
            more = {"now": f"{now}/", "rest": len(was) + 2, "kept": [*kept, *odd]}
            one = sa.text(f"UPDATE {table} SET {column} = :new WHERE {column} = :address")
            try:
                connection.execute(moving, {**known, **more})
                for address, there in odd.items():
                    connection.execute(one, {"address": address, "new": there})
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


def _forms(old: Place, new: Place) -> list[tuple[str, str, Callable[[str], str]]]:
    """Each form of `old` with the form of `new` that takes its place, and how what comes behind it
    is written there: a folder's URI has its signs quoted, its path and a bucket's key have not."""
    if isinstance(old, str):
        return [(old, new.as_uri(), quote) if isinstance(new, Path) else (old, new, str)]
    if isinstance(new, str):
        return [(old.as_uri(), new, unquote), (str(old), new, str)]
    return [(old.as_uri(), new.as_uri(), str), (str(old), str(new), str)]
