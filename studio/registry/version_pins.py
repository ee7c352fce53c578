"""Pins: a person's own version of a style for a set of assets, before rollout and production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.registry.stages import check_reason
from studio.registry.tables import pins


@dataclass(frozen=True)
class Pin:
    """A person's own version for a set of assets; "" is everything they draw of the style."""

    style: str
    person: str
    assets: str
    version: int
    why: str
    at: str


_OF = (
    sa.select(*(pins.c[name] for name in Pin.__dataclass_fields__))
    .where(pins.c.style == sa.bindparam("style"), pins.c.person == sa.bindparam("person"))
    .order_by(pins.c.assets)
)


def pin(
    engine: Engine,
    style: str,
    person: str,
    assets: str,
    number: int | None,
    *,
    why: str,
    now: datetime,
) -> None:
    """Draw `assets` ("": all of the style) with version `number` from now on; None takes it off."""
    check(person, "generate")
    if len(assets) > 200:
        raise StudioError("The name of the assets has more than 200 characters.", "Shorten it.")
    mine = (pins.c.style == style) & (pins.c.person == str(person)) & (pins.c.assets == assets)
    if number is not None:
        check_reason(why)
    with writing(engine) as connection:
        connection.execute(pins.delete().where(mine))
        if number is not None:
            connection.execute(
                pins.insert().values(
                    style=style,
                    person=str(person),
                    assets=assets,
                    version=number,
                    why=why.strip(),
                    at=stamp(now),
                )
            )
        bump(connection)


def pins_of(source: Engine | Connection, style: str, person: str) -> list[Pin]:
    """A person's pins of a style."""
    if isinstance(source, Engine):
        with source.connect() as connection:
            return pins_of(connection, style, person)
    found = source.execute(_OF, {"style": style, "person": str(person)})
    return [Pin(**row._mapping) for row in found]
