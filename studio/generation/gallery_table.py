"""The gallery's table: every kept picture with its settings, found again by filters.

The files are the pictures (`picture_files`); a row says where one lies and what people said of it
(`verdicts`). Rows are never deleted here.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from PIL import Image
from sqlalchemy import Engine, Row

from studio.database.engine import bump, metadata, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.generation.picture_files import Made, read_made

Verdict = Literal["approved", "edit", "rejected"]

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("style", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("base", sa.String, nullable=False),
    sa.Column("prompt", sa.String, nullable=False),
    sa.Column("full_prompt", sa.String, nullable=False),
    sa.Column("negative", sa.String, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("steps", sa.Integer, nullable=False),
    sa.Column("guidance", sa.Float, nullable=False),
    sa.Column("strength", sa.Float, nullable=False),
    sa.Column("adapters", sa.JSON, nullable=False),
    sa.Column("start", sa.String, nullable=False),
    sa.Column("change", sa.Float, nullable=False),
    sa.Column("file", sa.String, nullable=False, unique=True),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("job", sa.Integer),
    sa.Column("asset", sa.String, nullable=False),
    sa.Column("variant", sa.Integer, nullable=False),
    sa.Column("verdict", sa.String),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("pin_x", sa.Float),
    sa.Column("pin_y", sa.Float),
    sa.Column("painted", sa.String),
    sa.Column("painted_by", sa.String),
    sa.Column("judged_by", sa.String),
    sa.Column("judged_at", sa.String),
    sa.Column("turn", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Picture:
    """One row. Moments are ISO UTC; `file` and `painted` are relative to the studio's folder.

    The pin's place is a share of width and height, 0 to 1 from the top left. `turn` counts what
    people said of it, so that nobody overwrites what they have not seen.
    """

    number: int
    id: str
    style: str
    version: int
    base: str
    prompt: str
    full_prompt: str
    negative: str
    seed: int
    steps: int
    guidance: float
    strength: float
    adapters: list[dict[str, Any]]
    start: str
    change: float
    file: str
    width: int
    height: int
    by: str
    at: str
    job: int | None
    asset: str
    variant: int
    verdict: Verdict | None
    reasons: list[str]
    note: str
    pin_x: float | None
    pin_y: float | None
    painted: str | None
    painted_by: str | None
    judged_by: str | None
    judged_at: str | None
    turn: int


@dataclass(frozen=True)
class Wanted:
    """Which pictures: "" and None ask for all. `verdict` may also be "open": not judged yet;
    every word of `text` must stand in the prompt or the asset's name."""

    style: str = ""
    version: int | None = None
    verdict: str = ""
    by: str = ""
    text: str = ""
    job: int | None = None


@dataclass(frozen=True)
class Page:
    """A page of pictures, the newest first, and how many there are in all."""

    found: list[Picture]
    total: int


@dataclass(frozen=True)
class Kept:
    """A picture that was just written: its file, how it was made, and which asset's it is.

    `variant` counts an asset's pictures from 1.
    """

    file: Path
    made: Made
    asset: str = ""
    variant: int = 1


def record(
    engine: Engine,
    home: Path,
    kept: Sequence[Kept],
    *,
    by: str,
    now: datetime,
    job: int | None = None,
) -> list[str]:
    """Put pictures into the gallery and give their ids; one that is there keeps its row."""
    files = [one.file.relative_to(home).as_posix() for one in kept]
    there = sa.select(pictures.c.file, pictures.c.id).where(pictures.c.file.in_(files))
    with writing(engine) as connection:
        ids = {file: id for file, id in connection.execute(there)}
        new = [
            _row(one, file, by, now, job)
            for one, file in zip(kept, files, strict=True)
            if file not in ids
        ]
        if new:
            connection.execute(pictures.insert(), new)
            bump(connection)
    ids |= {row["file"]: row["id"] for row in new}
    return [ids[file] for file in files]


def _row(one: Kept, file: str, by: str, now: datetime, job: int | None) -> dict[str, Any]:
    made = one.made
    with Image.open(one.file) as picture:
        width, height = picture.size
    taken = {f.name: getattr(made, f.name) for f in fields(Made) if f.name in pictures.c}
    return {
        **taken,
        "adapters": list(made.adapters),
        "id": secrets.token_hex(8),
        "file": file,
        "width": width,
        "height": height,
        "by": by,
        "at": stamp(now),
        "job": job,
        "asset": one.asset,
        "variant": one.variant,
        "reasons": [],
        "note": "",
        "turn": 0,
    }


def take_up(engine: Engine, home: Path, *, by: str) -> int:
    """Put pictures found on the disk into the gallery, as old as their files; how many were new.

    Only whole pictures of ours under generated/ count; those without alpha yet are left out.
    """
    with engine.connect() as connection:
        known = set(connection.execute(sa.select(pictures.c.file)).scalars())
    new = 0
    for file in sorted((home / "generated").rglob("*.png")):
        name = file.relative_to(home).as_posix()
        if name in known or "untouched" in file.parts or file.name.startswith("."):
            continue
        made = read_made(file)
        if made is not None:
            at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            record(engine, home, [Kept(file, made)], by=by, now=at)
            new += 1
    return new


def get(engine: Engine, id: str) -> Picture:
    """The picture `id`, or StudioError."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(pictures).where(pictures.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no picture {id[:40]!r}.", "Choose one in the gallery.")
    return as_picture(row)


def search(engine: Engine, wanted: Wanted, page: int = 1, size: int = 24) -> Page:
    """One page of what is wanted, counted from 1; a page too far is empty."""
    query = sa.select(pictures).where(*_where(wanted)).order_by(*_order(wanted))
    with engine.connect() as connection:
        rows = connection.execute(query.limit(size).offset((page - 1) * size))
        found = [as_picture(row) for row in rows]
    return Page(found, count(engine, wanted))


def count(engine: Engine, wanted: Wanted) -> int:
    """How many pictures are wanted."""
    query = sa.select(sa.func.count()).select_from(pictures).where(*_where(wanted))
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def ids_of(engine: Engine, wanted: Wanted, most: int = 10_000) -> list[str]:
    """The ids of what is wanted, in the order of `search`."""
    query = sa.select(pictures.c.id).where(*_where(wanted)).order_by(*_order(wanted)).limit(most)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def of_ids(engine: Engine, ids: Sequence[str]) -> list[Picture]:
    """The pictures with these ids, in this order; those that are not there are left out."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(pictures).where(pictures.c.id.in_(ids)))
        found = {row.id: as_picture(row) for row in rows}
    return [found[id] for id in ids if id in found]


def all_of(engine: Engine, wanted: Wanted) -> list[Picture]:
    """Everything that is wanted, in the order in which it was drawn."""
    query = sa.select(pictures).where(*_where(wanted)).order_by(pictures.c.number)
    with engine.connect() as connection:
        return [as_picture(row) for row in connection.execute(query)]


def tally(engine: Engine, job: int) -> dict[str, int]:
    """How many pictures of a job have each verdict; "open" for those without one."""
    query = sa.select(pictures.c.verdict, sa.func.count()).where(pictures.c.job == job)
    with engine.connect() as connection:
        found = connection.execute(query.group_by(pictures.c.verdict))
        return {verdict or "open": int(count) for verdict, count in found}


def choices(engine: Engine) -> tuple[dict[str, list[int]], list[str]]:
    """What filters can offer: the versions of each style, newest first, and the people."""
    made = sa.select(pictures.c.style, pictures.c.version).distinct()
    people = sa.select(pictures.c.by).distinct().order_by(pictures.c.by)
    styles: dict[str, list[int]] = {}
    with engine.connect() as connection:
        rows = connection.execute(made.order_by(pictures.c.style, pictures.c.version.desc()))
        for style, version in rows:
            styles.setdefault(style, []).append(version)
        return styles, list(connection.execute(people).scalars())


def as_picture(row: Row[Any]) -> Picture:
    """A row of the table as a record."""
    return Picture(**row._mapping)


def _order(wanted: Wanted) -> tuple[sa.ColumnElement[Any], ...]:
    """A job's pictures as they were drawn, all others from the newest."""
    return (pictures.c.number,) if wanted.job else (pictures.c.at.desc(), pictures.c.number)


def _where(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    c = pictures.c
    found: list[sa.ColumnElement[bool]] = []
    equal = (c.style, wanted.style), (c.version, wanted.version), (c.by, wanted.by)
    found += [column == value for column, value in (*equal, (c.job, wanted.job)) if value]
    if wanted.verdict:
        open = wanted.verdict == "open"
        found.append(c.verdict.is_(None) if open else c.verdict == wanted.verdict)
    for word in wanted.text.split()[:20]:
        found.append(
            sa.or_(
                c.prompt.icontains(word, autoescape=True), c.asset.icontains(word, autoescape=True)
            )
        )
    return found
