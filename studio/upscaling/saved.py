"""Settings of enlarging that people keep under a name, for everybody in the studio.

Kept is what makes a result look as it does, not of which picture: no size, no tile's own prompt and
no region. How large it becomes is said anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check, check_own
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError, nearest
from studio.text.decoding import cleaned
from studio.upscaling.tables import upscale_settings

RIGHT, OTHERS = "generate", "change others' upscaling settings"
NAME = 60  # characters of a name
MOST = 500  # kept in a studio
# What is of one picture alone.
OF_A_PICTURE = frozenset({"schema", "width", "height", "tiles", "regions"})


@dataclass(frozen=True)
class Saved:
    """Settings under a name, as JSON without those of one picture; `at` is ISO UTC."""

    id: int
    name: str
    settings: dict[str, Any]
    by: str
    at: str


def listing(engine: Engine) -> list[Saved]:
    """All that are kept, by name."""
    query = sa.select(upscale_settings).order_by(sa.func.lower(upscale_settings.c.name))
    with engine.connect() as connection:
        return [Saved(**row._mapping) for row in connection.execute(query)]


def find(engine: Engine, name: str) -> Saved:
    """Those of this name. StudioError names those that there are."""
    wanted = " ".join(name.split())
    mine = sa.select(upscale_settings).where(upscale_settings.c.name == wanted)
    with engine.connect() as connection:
        row = connection.execute(mine).first()
    if row is not None:
        return Saved(**row._mapping)
    known = [one.name for one in listing(engine)]
    raise StudioError(
        f"There are no settings {wanted[:NAME]!r}.",
        f"{nearest(wanted, known)}Known: {', '.join(known[:20]) or 'none'}.",
    )


def save(
    engine: Engine, name: str, settings: Mapping[str, Any], *, by: str, now: datetime
) -> Saved:
    """Keep settings under a name; whoever saves again under their name writes it anew. Whether they
    can be used is for the caller to check. StudioError for a name that can't be kept, NotAllowed
    where the name is another person's."""
    check(by, RIGHT)
    name = cleaned(" ".join(name.split()))
    if not 1 <= len(name) <= NAME:
        raise StudioError(f"The name has {len(name)} characters.", f"Give it 1 to {NAME}.")
    kept = {key: value for key, value in settings.items() if key not in OF_A_PICTURE}
    row = {"settings": kept, "by": str(by), "at": stamp(now)}
    c = upscale_settings.c
    with writing(engine) as connection:
        owner = connection.execute(sa.select(c.by).where(c.name == name)).scalar()
        if owner is None:
            count = connection.execute(sa.select(sa.func.count()).select_from(upscale_settings))
            if count.scalar_one() >= MOST:
                raise StudioError(f"{MOST} settings are kept already.", "Delete some first.")
            connection.execute(upscale_settings.insert().values(name=name, **row))
        else:
            check_own(by, owner, OTHERS)
            mine = upscale_settings.update().where(c.name == name)
            connection.execute(mine.values(**{**row, "by": owner}))
        bump(connection)
        found = connection.execute(sa.select(upscale_settings).where(c.name == name)).one()
    return Saved(**found._mapping)


def delete(engine: Engine, name: str, *, by: str) -> None:
    """Delete settings of one's own, or with the right another's; what is gone stays gone."""
    check(by, RIGHT)
    c, wanted = upscale_settings.c, " ".join(name.split())
    with writing(engine) as connection:
        owner = connection.execute(sa.select(c.by).where(c.name == wanted)).scalar()
        if owner is not None:
            check_own(by, owner, OTHERS)
            connection.execute(upscale_settings.delete().where(c.name == wanted))
            bump(connection)
