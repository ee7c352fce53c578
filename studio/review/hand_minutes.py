"""How long one picture of a category takes by hand: said once by a lead, and compared with from
then on. Each change has a reason in the ledger, since it changes what the report says of months
before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from studio import numbers
from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError
from studio.review.tables import hand_minutes
from studio.text.decoding import cleaned

RIGHT = "set hand minutes"
ANY = "*"  # the category that stands for all that have none of their own
SHORTEST, LONGEST = 0.5, 60_000.0  # minutes; a thousand hours
NAME, LEAST, WHY = 60, 3, 300  # characters of a category; of a reason, at least and at most


@dataclass(frozen=True)
class HandMinutes:
    """What a category takes, why that is known, by whom and when (ISO UTC) it was said."""

    category: str
    minutes: float
    why: str
    by: str
    at: str


def listing(engine: Engine) -> list[HandMinutes]:
    """Every category that has some, by name."""
    query = sa.select(hand_minutes).order_by(hand_minutes.c.category)
    with engine.connect() as connection:
        return [HandMinutes(**row._mapping) for row in connection.execute(query)]


def read(engine: Engine) -> dict[str, float]:
    """The minutes by category."""
    return {one.category: one.minutes for one in listing(engine)}


def of(known: Mapping[str, float], category: str) -> float | None:
    """A category's own minutes, else those of all others; None where there are neither."""
    return known.get(category) or known.get(ANY)


def put(
    engine: Engine,
    category: str,
    minutes: object,
    *,
    before: float | None,
    why: str,
    by: str,
    now: datetime,
) -> HandMinutes:
    """Say what a category takes, in minutes. `before` is what the person saw, None for nothing;
    ChangedMeanwhile where something else is there by now. The same once more changes nothing.
    StudioError for no category, a number out of bounds, and no reason."""
    check(by, RIGHT)
    name = named(category)
    count = numbers.number("What it takes by hand, in minutes,", minutes, SHORTEST, LONGEST)
    told = " ".join(cleaned(why).split())
    if not LEAST <= len(told) <= WHY:
        raise StudioError(
            f"The reason has {len(told)} characters.",
            f"Say in {LEAST} to {WHY} how that is known.",
        )
    c = hand_minutes.c
    new = HandMinutes(name, count, told, str(by), stamp(now))
    with writing(engine) as connection:
        row = connection.execute(sa.select(hand_minutes).where(c.category == name)).first()
        if row is not None and row.minutes == count:
            return HandMinutes(**row._mapping)
        held = None if row is None else row.minutes
        if held != before:
            was = "nothing" if held is None else f"{held:g} minutes, by {row.by if row else ''}"
            raise ChangedMeanwhile(
                f"What {name} takes by hand is {was} by now.", "Look at it again, then decide."
            )
        if row is None:
            connection.execute(hand_minutes.insert().values(vars(new)))
        else:
            connection.execute(hand_minutes.update().where(c.category == name).values(vars(new)))
        was = "nothing" if held is None else f"{held:g}"
        ledger.record(
            connection,
            at=now,
            actor=by,
            action="set hand minutes",
            reason=f"{name}: {count:g}, before {was}; {told}",
        )
        bump(connection)
    return new


def named(category: str) -> str:
    """The category as it is kept. StudioError for what is none."""
    name = " ".join(cleaned(category).split())
    if not name.isprintable():
        raise StudioError(f"{name[:80]!r} is no category.", "Name it in letters and digits.")
    if not 1 <= len(name) <= NAME:
        raise StudioError(
            f"A category's name has {len(name)} characters.",
            f"Name the category of a list, in 1 to {NAME} characters, or {ANY} for all others.",
        )
    return name
