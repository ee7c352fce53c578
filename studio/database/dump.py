"""The database's rows as lines of JSON, the same from SQLite and from PostgreSQL.

Each table is one file. Its first line names table and columns and the highest number it ever
gave (`last`, so that none is given twice); each other line is a row's values in that order. JSON
columns keep the very text that was stored, within a string; bytes are hexadecimal. What the
database computes of other columns is left out.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.errors import StudioError

SCHEMA = "alembic_version"  # the migrations' own table; a dump names its revision elsewhere
BATCH = 500


def tables(connection: Connection) -> list[sa.Table]:
    """Every table as the database itself tells it; those that others refer to come first."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != SCHEMA]


def lines(connection: Connection, table: sa.Table) -> Iterator[bytes]:
    """The table's file, line by line, in the order of its primary key."""
    head = {
        "table": table.name,
        "columns": [column.name for column in _stored(table)],
        "last": _last(connection, table),
    }
    yield json.dumps(head).encode() + b"\n"
    wanted = [
        sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, sa.JSON) else c
        for c in _stored(table)
    ]
    query = sa.select(*wanted).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            yield json.dumps(list(row), default=_plain).encode() + b"\n"


def load(connection: Connection, table: sa.Table, file: Iterable[bytes]) -> int:
    """Put the rows of a file into `table` in place of its own; how many there were.

    Raises StudioError where the file is not one of this table's.
    """
    read = iter(file)
    try:
        head = json.loads(next(read))
        columns = [table.columns[name] for name in head["columns"]]
        fits = head["table"] == table.name and len(columns) == len(_stored(table))
    except (ValueError, KeyError, TypeError, StopIteration):
        fits = False
    if not fits:
        raise StudioError(
            f"The rows of {table.name} in the backup are not of that table.", "Use another backup."
        )
    quote = connection.dialect.identifier_preparer.quote
    insert = sa.text(
        f"INSERT INTO {quote(table.name)} ({', '.join(quote(c.name) for c in columns)}) VALUES "
        f"({', '.join(_slot(connection, k, c) for k, c in enumerate(columns))})"
    )
    if connection.execute(sa.select(sa.func.count()).select_from(table)).scalar():
        connection.execute(table.delete())  # put there by migrations; the ledger is never cleared
    count = 0
    raw = [k for k, column in enumerate(columns) if isinstance(column.type, sa.LargeBinary)]
    while batch := list(islice(read, BATCH)):
        rows = [{f"v{k}": value for k, value in enumerate(json.loads(line))} for line in batch]
        for row in rows if raw else ():
            row |= {f"v{k}": bytes.fromhex(row[f"v{k}"]) for k in raw if row[f"v{k}"] is not None}
        connection.execute(insert, rows)
        count += len(rows)
    _go_on_from(connection, table, head["last"])
    return count


def write_zip(engine: Engine, file: Path) -> None:
    """Every table's file, as it was at one moment, in one compressed archive."""
    with engine.connect() as connection, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as kept:
        for table in tables(connection):
            with kept.open(f"{table.name}.jsonl", "w") as member:
                member.writelines(lines(connection, table))


def _stored(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.computed is None]


def _plain(value: object) -> str:
    """Bytes and days, which JSON has not; the databases read both back from such a text."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a table")


def _slot(connection: Connection, k: int, column: sa.Column[object]) -> str:
    raw = isinstance(column.type, sa.JSON) and connection.dialect.name == "postgresql"
    return f"CAST(:v{k} AS {column.type})" if raw else f":v{k}"


def _counter(connection: Connection, table: sa.Table) -> str | None:
    """PostgreSQL's sequence that numbers the table's rows, if one does."""
    for column in table.primary_key.columns:
        if not isinstance(column.type, sa.Integer):
            continue
        # Both are quoted: the first is an identifier within a text, the second a plain text.
        named = connection.dialect.identifier_preparer.quote(table.name)
        query = sa.text("SELECT pg_get_serial_sequence(:t, :c)")
        found = connection.execute(query, {"t": named, "c": column.name}).scalar()
        if found:
            return str(found)
    return None


def _last(connection: Connection, table: sa.Table) -> int | None:
    """The highest number that the table has given; None where it gives none."""
    if connection.dialect.name == "postgresql":
        counter = _counter(connection, table)
        if counter is None:
            return None
        row = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {counter}").one()
        return int(row.last_value) if row.is_called else 0
    if not sa.inspect(connection).has_table("sqlite_sequence"):
        return None
    query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :t")
    found = connection.execute(query, {"t": table.name}).scalar()
    return None if found is None else int(found)


def _go_on_from(connection: Connection, table: sa.Table, last: int | None) -> None:
    if connection.dialect.name == "postgresql":
        counter = _counter(connection, table)
        if counter is None:
            return
        (column,) = table.primary_key.columns
        query = sa.select(sa.func.max(column))
        last = max(last or 0, connection.execute(query).scalar() or 0)
        at = {"c": counter, "n": max(last, 1), "called": last > 0}
        connection.execute(sa.text("SELECT setval(CAST(:c AS regclass), :n, :called)"), at)
    elif last and sa.inspect(connection).has_table("sqlite_sequence"):
        for statement in (
            "DELETE FROM sqlite_sequence WHERE name = :t",
            "INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)",
        ):
            connection.execute(sa.text(statement), {"t": table.name, "n": last})
