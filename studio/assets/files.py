"""An asset's files: where people find each, and what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import images
from studio.assets.tables import asset_files, assets
from studio.database.ledger import stamp

USED = ("painted", "picture")  # roles of files, the first that an asset has is used


@dataclass(frozen=True)
class Content:
    """What is in a file: the SHA-256 of its bytes, how many; of a picture width and height in
    pixels, and the hash of both and all pixels, which is the same however it was saved."""

    hash: str
    bytes: int
    width: int | None = None
    height: int | None = None
    pixels: str | None = None


@dataclass(frozen=True)
class File:
    """One file of an asset; it has one of each role ("picture", "painted", "mask").

    `path` is relative to the studio's folder. `content` is None for a file of an older studio that
    was not read yet; `by` put it there, `at` is when, ISO UTC.
    """

    role: str
    path: str
    content: Content | None
    by: str
    at: str


def read(path: Path) -> Content:
    """What is in the file now; OSError where it can't be read, or is a picture and damaged."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if path.suffix.lower() not in (".png", ".webp", ".jpg", ".jpeg"):
        return Content(digest, len(data))
    with images.result(path) as opened:
        picture = opened.convert("RGBA")
    return Content(digest, len(data), picture.width, picture.height, images.pixel_digest(picture))


def of(engine: Engine, id: str) -> list[File]:
    """The files of asset `id` by role; none where there is no such asset."""
    query = sa.select(asset_files).join(assets).where(assets.c.id == id).order_by("role")
    with engine.connect() as connection:
        return [_file(row) for row in connection.execute(query)]


def to_use(engine: Engine, ids: Collection[str]) -> dict[str, File]:
    """The picture that is to be used of each of these assets, by id: the painted-over version
    where there is one. What has no picture is left out."""
    query = sa.select(assets.c.id, asset_files).join(assets).where(assets.c.id.in_(ids))
    query = query.where(asset_files.c.role.in_(USED))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    rows = sorted(rows, key=lambda row: USED.index(row.role), reverse=True)
    return {row.id: _file(row) for row in rows}


def path_of(connection: Connection, asset: int, role: str) -> str | None:
    """Where the file that asset number `asset` has in that role lies, relative to the folder."""
    mine = (asset_files.c.asset == asset) & (asset_files.c.role == role)
    return connection.execute(sa.select(asset_files.c.path).where(mine)).scalar()


def with_pixels(engine: Engine, digests: Collection[str]) -> dict[str, str]:
    """The id of the oldest asset that has a picture with these pixels, by their hash."""
    c = asset_files.c
    mine = sa.select(c.pixels, sa.func.min(c.asset).label("asset")).where(c.pixels.in_(digests))
    oldest = mine.group_by(c.pixels).subquery()
    query = sa.select(oldest.c.pixels, assets.c.id).join(assets, assets.c.number == oldest.c.asset)
    with engine.connect() as connection:
        return {pixels: id for pixels, id in connection.execute(query)}


def values(
    asset: int, role: str, path: Path, home: Path, content: Content, *, by: str, now: datetime
) -> dict[str, Any]:
    """The row of an asset's file."""
    name = path.relative_to(home).as_posix()
    more = {"asset": asset, "role": role, "path": name, "by": by, "at": stamp(now)}
    return {**more, **asdict(content)}


def replace(connection: Connection, row: dict[str, Any]) -> None:
    """Put a file in place of the one that the asset has in that role; the old stays on the disk."""
    take_away(connection, row["asset"], row["role"])
    connection.execute(asset_files.insert(), row)


def take_away(connection: Connection, asset: int, role: str) -> None:
    """Let the asset have no file in that role any more; the file stays on the disk."""
    mine = (asset_files.c.asset == asset) & (asset_files.c.role == role)
    connection.execute(asset_files.delete().where(mine))


def _file(row: Row[Any]) -> File:
    content = None
    if row.hash is not None:
        content = Content(row.hash, row.bytes, row.width, row.height, row.pixels)
    return File(row.role, row.path, content, row.by, row.at)
