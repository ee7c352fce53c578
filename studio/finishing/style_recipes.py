"""The recipe of a style: set by its art leads, in revisions, each with who, when and why.

Those that are made of a dataset are kept beside, once for each version of it. Both are found by
their mark for ever, so that a job that was cut off goes on with the recipe that it began with.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check
from studio.context import check_style
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError
from studio.finishing import recipe as recipes
from studio.finishing.recipe import Recipe
from studio.finishing.recipe_tables import dataset_recipes, style_recipes

RIGHT = CHANGE = "change recipes"  # the right, and the action in the ledger
REASON = range(3, 501)  # characters
_NEWEST = (
    sa.select(style_recipes)
    .where(style_recipes.c.style == sa.bindparam("style"))
    .order_by(style_recipes.c.revision.desc())
    .limit(1)
)
_OF_DATASET = sa.select(dataset_recipes.c.recipe).where(
    dataset_recipes.c.dataset == sa.bindparam("dataset"),
    dataset_recipes.c.side == sa.bindparam("side"),
)
_read = lru_cache(maxsize=64)(recipes.read)  # of texts that are kept, which were read before


@dataclass(frozen=True)
class Revision:
    """A style's recipe as somebody set it; None: from here on the dataset's holds again. `at` is
    ISO UTC; revisions count from 1."""

    style: str
    revision: int
    recipe: Recipe | None
    by: str
    at: str
    why: str


def current(engine: Engine, style: str) -> Revision | None:
    """The newest revision; None where nobody set a recipe for the style."""
    with engine.connect() as connection:
        return _newest(connection, style)


def revisions(engine: Engine, style: str) -> list[Revision]:
    """All of them, the newest first."""
    c = style_recipes.c
    query = sa.select(style_recipes).where(c.style == style).order_by(c.revision.desc())
    with engine.connect() as connection:
        return [_revision(row) for row in connection.execute(query)]


def save(
    engine: Engine,
    style: str,
    recipe: Recipe | None,
    *,
    after: int,
    why: str,
    by: str,
    now: datetime,
) -> Revision | None:
    """Set a style's recipe; None lets the dataset's hold again. `after` is the revision that the
    person saw, 0 for none: ChangedMeanwhile where another is there by now, lest somebody's change
    get lost. The same recipe again makes no new revision."""
    check(by, RIGHT)
    check_style(style)
    told = " ".join(why.split())
    found = recipes.checked(recipe) if recipe is not None else None
    with writing(engine) as connection:
        before = _newest(connection, style)
        held, number = (before.recipe, before.revision) if before else (None, 0)
        if held == found:
            return before
        if number != after:
            was = f"{before.by} changed it on {before.at[:10]}" if before else "nobody set one"
            raise ChangedMeanwhile(
                f"The recipe of {style} is revision {number or 'none'} by now, not "
                f"{after or 'none'}: {was}.",
                "Look at it again, and make your change to what is there now.",
            )
        if len(told) not in REASON:
            raise StudioError(
                f"The reason has {len(told)} characters.",
                f"Say in {REASON.start} to {REASON.stop - 1} why the recipe is changed.",
            )
        new = Revision(style, number + 1, found, str(by), stamp(now), told)
        connection.execute(style_recipes.insert().values(_row(new)))
        ledger.record(
            connection,
            at=now,
            actor=by,
            action=CHANGE,
            style=style,
            reason=f"revision {new.revision}, {difference(held, found)}: {told}",
        )
    return new


def of_dataset(engine: Engine, digest: str, side: int) -> Recipe | None:
    """The recipe that was made of a dataset's version for pictures of `side` pixels; None where it
    was not made yet."""
    with engine.connect() as connection:
        text = connection.execute(_OF_DATASET, {"dataset": digest, "side": side}).scalar()
    return None if text is None else _read(text)


def keep_of_dataset(
    engine: Engine, digest: str, side: int, recipe: Recipe, now: datetime
) -> Recipe:
    """Keep what was made of a dataset's version; whoever was quicker is right."""
    values = {"dataset": digest, "side": side, "recipe": recipes.written(recipe)}
    with writing(engine) as connection:
        there = connection.execute(_OF_DATASET, {"dataset": digest, "side": side}).scalar()
        if there is None:
            row = {**values, "mark": recipe.mark, "at": stamp(now)}
            connection.execute(dataset_recipes.insert().values(row))
    return recipe if there is None else _read(there)


def by_mark(engine: Engine, mark: str) -> Recipe:
    """The recipe of this mark, whoever or whatever it was made by; StudioError where none is."""
    with engine.connect() as connection:
        for table in (style_recipes, dataset_recipes):
            query = sa.select(table.c.recipe).where(table.c.mark == mark).limit(1)
            if text := connection.execute(query).scalar():
                return _read(text)
    raise StudioError(
        f"There is no recipe {mark[:40]!r}.", "Leave it out: the style's own is taken."
    )


def difference(before: Recipe | None, after: Recipe | None) -> str:
    """What changed, in words."""
    if before is None or after is None:
        return "set for the first time" if after else "the dataset's again"
    names = [f.name for f in fields(Recipe) if getattr(before, f.name) != getattr(after, f.name)]
    return ", ".join(name.replace("_", " ") for name in names)


def _newest(connection: Connection, style: str) -> Revision | None:
    row = connection.execute(_NEWEST, {"style": style}).first()
    return _revision(row) if row else None


def _revision(row: Row[Any]) -> Revision:
    found = _read(row.recipe) if row.recipe else None
    return Revision(row.style, row.revision, found, row.by, row.at, row.why)


def _row(one: Revision) -> dict[str, Any]:
    text, mark = (recipes.written(one.recipe), one.recipe.mark) if one.recipe else ("", "")
    told = {name: getattr(one, name) for name in ("style", "revision", "by", "at", "why")}
    return {**told, "recipe": text, "mark": mark}
