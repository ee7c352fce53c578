"""Which styles' recipes use a palette, by the mark that they name it with."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from studio import numbers
from studio.finishing import recipe as recipes
from studio.finishing.recipe_tables import style_recipes


@dataclass(frozen=True)
class Use:
    """A style whose recipe, as it is now, names this revision of a palette."""

    style: str
    palette: str
    revision: int


def uses(engine: Engine) -> list[Use]:
    """All of them, by style. A recipe has its colours written out, so that one whose palette was
    withdrawn or changed goes on as it was; a recipe that names none uses none."""
    c = style_recipes.c
    newest = sa.select(c.style, sa.func.max(c.revision).label("revision")).group_by(c.style)
    last = newest.subquery()
    query = sa.select(c.style, c.recipe).join(
        last, (c.style == last.c.style) & (c.revision == last.c.revision)
    )
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(c.style)).all()
    found = []
    for style, text in rows:
        name, sign, revision = (recipes.read(text).palette if text else "").rpartition("@")
        number = numbers.counted(revision)
        if sign and number is not None:
            found.append(Use(style, name, number))
    return found


def of(found: list[Use], name: str) -> list[Use]:
    """Those of one palette."""
    return [one for one in found if one.palette.casefold() == name.casefold()]
