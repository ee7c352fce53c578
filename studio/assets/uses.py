"""What became of an asset in the game: as it is, changed a little or much, or dropped.

It is measured from the files (`studio.pixels.compared`), and a person's word stands before that,
for as long as the game has the file that it was said of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, Row

from studio.accounts.rights import check
from studio.assets.tables import assets, uses
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError, nearest

RIGHT = "judge pictures"
USES = ("as is", "recoloured", "touched up", "redrawn", "dropped")
BATCH = 500  # of one statement


@dataclass(frozen=True)
class Seen:
    """What was measured of asset `id` now: by how many pixels it was moved to the right and down,
    which shares were recoloured and drawn anew; in the file `path`, whose content `mark` tells."""

    id: str
    use: str
    moved: tuple[int, int] = (0, 0)
    recoloured: float = 0.0
    redone: float = 0.0
    path: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Use:
    """What became of an asset: what was measured and when (ISO UTC), and what a person said
    instead, None where nobody did."""

    id: str
    measured: str
    moved: tuple[int, int]
    recoloured: float
    redone: float
    path: str
    mark: str
    at: str
    corrected: str | None
    corrected_by: str | None
    corrected_at: str | None

    @property
    def use(self) -> str:
        """What counts: a person's word, else what was measured."""
        return self.corrected or self.measured


def note(engine: Engine, found: Sequence[Seen], *, by: str, now: datetime) -> int:
    """Keep what was measured, in place of what was before; how many changed. What a person said
    goes where the game has another file by now. StudioError for an asset that is not there."""
    check(by, RIGHT)
    changed = 0
    with writing(engine) as connection:
        for one in found:
            number = connection.execute(
                sa.select(assets.c.number).where(assets.c.id == one.id)
            ).scalar()
            if number is None:
                raise _none(one.id)
            mine = uses.c.asset == number
            held = connection.execute(sa.select(uses).where(mine)).first()
            values = {
                "measured": _checked(one.use),
                "moved_x": one.moved[0],
                "moved_y": one.moved[1],
                "recoloured": one.recoloured,
                "redone": one.redone,
                "path": one.path,
                "mark": one.mark,
            }
            if held is not None and all(held._mapping[key] == it for key, it in values.items()):
                continue
            values["at"] = stamp(now)
            if held is None:
                connection.execute(uses.insert().values(asset=number, **values))
            else:
                if held.mark != one.mark:
                    gone = dict.fromkeys(("corrected", "corrected_by", "corrected_at"))
                    values = {**values, **gone}
                connection.execute(uses.update().where(mine).values(**values))
            changed += 1
        if changed:
            bump(connection)
    return changed


def correct(engine: Engine, id: str, use: str, *, by: str, now: datetime) -> Use:
    """Say what became of an asset, whatever was measured; what was measured, said again, takes the
    word back. StudioError for one that nobody looked for in the game yet."""
    check(by, RIGHT)
    _checked(use)
    with writing(engine) as connection:
        row = connection.execute(_query().where(assets.c.id == id)).first()
        if row is None:
            raise StudioError(
                f"Nobody looked yet what became of {id[:40]!r} in the game.",
                "Look for all of them first, on the page Report.",
            )
        if row.measured == use:
            said = dict.fromkeys(("corrected", "corrected_by", "corrected_at"))
        else:
            said = {"corrected": use, "corrected_by": str(by), "corrected_at": stamp(now)}
        if _use(row).use != use:
            mine = uses.c.asset == row.asset
            connection.execute(uses.update().where(mine).values(**said))
            bump(connection)
        return _use(connection.execute(_query().where(assets.c.id == id)).one())


def of(engine: Engine, ids: Collection[str]) -> dict[str, Use]:
    """What became of these assets, by id; those that nobody looked for are left out."""
    wanted, found = list(ids), {}
    with engine.connect() as connection:
        for first in range(0, len(wanted), BATCH):
            some = assets.c.id.in_(wanted[first : first + BATCH])
            for row in connection.execute(_query().where(some)):
                found[row.id] = _use(row)
    return found


def known(engine: Engine) -> list[str]:
    """The ids of all assets that somebody looked for, the oldest first."""
    query = sa.select(assets.c.id).join(uses, uses.c.asset == assets.c.number)
    with engine.connect() as connection:
        return list(connection.scalars(query.order_by(assets.c.number)))


def _query() -> sa.Select[Any]:
    return sa.select(assets.c.id, uses).join(assets, assets.c.number == uses.c.asset)


def _use(row: Row[Any]) -> Use:
    return Use(
        id=row.id,
        measured=row.measured,
        moved=(row.moved_x, row.moved_y),
        recoloured=row.recoloured,
        redone=row.redone,
        path=row.path,
        mark=row.mark,
        at=row.at,
        corrected=row.corrected,
        corrected_by=row.corrected_by,
        corrected_at=row.corrected_at,
    )


def _checked(use: str) -> str:
    if use not in USES:
        raise StudioError(
            f"Nothing becomes {use[:40]!r}.", f"{nearest(use, USES)}Use one of {', '.join(USES)}."
        )
    return use


def _none(id: str) -> StudioError:
    return StudioError(f"There is no asset {id[:40]!r}.", "Choose one in the gallery.")
