"""The raw picture of a drawn one: as the model gave it, before it was finished.

It lies beside the finished one under the same name, and is an asset of its own, the finished one's
parent; no wall shows it by itself. Where finishing changed nothing there is none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from PIL import Image
from sqlalchemy import Engine

from studio.assets import files
from studio.assets.records import Asset, New
from studio.assets.tables import asset_files, asset_parents, assets
from studio.generation import picture_files
from studio.generation.picture_files import Made

KIND = "raw"  # of asset
ROLE = "picture"  # of its file
BY_HAND = "finished"  # the folder of what was finished by hand
FOLDER = "untouched"  # beside the finished pictures


def beside(file: Path) -> Path:
    """Where the raw picture of a drawn one lies, if there is one."""
    return file.parent / FOLDER / file.name


def is_one(file: Path) -> bool:
    """Whether a file lies where raw pictures do."""
    return FOLDER in file.parts


def keep(folder: Path, name: str, picture: Image.Image, made: Made) -> Path:
    """Write the raw picture of `name`.png in `folder`. Raises StudioError if it can't."""
    return picture_files.keep(folder / FOLDER, name, picture, replace(made, finish=""))


def asset(home: Path, file: Path, made: Made) -> New | None:
    """The raw picture of a drawn one as it is put among the assets; None where there is none."""
    raw = beside(file)
    if not raw.is_file():
        return None
    return New(
        kind=KIND,
        key=raw.relative_to(home).as_posix(),
        files={ROLE: (raw, files.read(raw))},
        style=made.style,
        version=made.version,
        seed=made.seed,
        name=file.stem,
        text=made.prompt,
        recipe={"prompt": made.prompt},
    )


def named(asset: Asset) -> str:
    """What a raw picture is, in words: a file from elsewhere is kept as one, too."""
    file = asset.recipe.get("file")
    return f"The file {file}" if file else "As the model drew it"


def path_of(number: sa.ColumnElement[int]) -> sa.ScalarSelect[str | None]:
    """For a query: where the raw picture of asset `number` lies, or what it was finished from by
    hand; NULL where there is neither."""
    link, one, file = asset_parents.alias(), assets.alias(), asset_files.alias()
    child = assets.alias()
    query = sa.select(file.c.path).select_from(
        link.join(one, one.c.number == link.c.parent)
        .join(file, file.c.asset == one.c.number)
        .join(child, child.c.number == link.c.asset)
    )
    by_hand = child.c.key.like(f"{BY_HAND}/%")
    mine = (link.c.asset == number) & ((one.c.kind == KIND) | by_hand) & (file.c.role == ROLE)
    # What a picture was begun from is older than whatever else was made of that.
    return query.where(mine).order_by(one.c.number).limit(1).scalar_subquery()


def having(engine: Engine, ids: Collection[str]) -> set[str]:
    """Those of these assets that have a raw picture."""
    query = sa.select(assets.c.id).where(assets.c.id.in_(ids))
    with engine.connect() as connection:
        return set(connection.scalars(query.where(path_of(assets.c.number).is_not(None))))
