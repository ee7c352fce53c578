"""The raw picture of a drawn one: as the model gave it, before it was finished.

It lies beside the finished one under the same name, and is an asset of its own, the finished one's
parent; no wall shows it by itself. Where finishing changed nothing there is none.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from PIL import Image

from studio.assets import files
from studio.assets.records import New
from studio.assets.tables import asset_files, asset_parents, assets
from studio.generation import picture_files
from studio.generation.picture_files import Made

KIND = "raw"  # of asset
ROLE = "picture"  # of its file
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


def path_of(number: sa.ColumnElement[int]) -> sa.ScalarSelect[str | None]:
    """For a query: where the raw picture of asset `number` lies, NULL where it has none."""
    link, one, file = asset_parents.alias(), assets.alias(), asset_files.alias()
    query = sa.select(file.c.path).select_from(
        link.join(one, one.c.number == link.c.parent).join(file, file.c.asset == one.c.number)
    )
    mine = (link.c.asset == number) & (one.c.kind == KIND) & (file.c.role == ROLE)
    return query.where(mine).limit(1).scalar_subquery()
