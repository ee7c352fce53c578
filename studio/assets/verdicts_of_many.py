"""One verdict for many assets at once, and all of it taken back: one transaction each.

What somebody else changed since it was seen stays as it is, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.assets.tables import assets, verdicts
from studio.assets.verdicts import NAMES, Judgement, Standing, Verdict, judgement
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

MOST = 2_000  # assets at once
BATCH = 500  # of one query


@dataclass(frozen=True)
class Changed:
    """An asset that got another verdict: what was said `before`, and its turn from then on."""

    id: str
    before: Judgement
    turn: int


@dataclass(frozen=True)
class Judged:
    """What became of many: those that changed, and how many others somebody changed meanwhile."""

    changed: tuple[Changed, ...]
    left: int


def judge_many(
    engine: Engine, seen: Mapping[str, int], verdict: Verdict | None, *, by: str, now: datetime
) -> Judged:
    """Say the same of all assets in `seen`, each with the turn that the person saw.

    Notes and pins stay; reasons stay with an edit or a rejection, and go with an approval. Those
    that have the verdict already don't change. StudioError for a verdict that is none, and for
    more than 2,000.
    """
    if verdict is not None and verdict not in NAMES:
        raise StudioError(f"There is no verdict {verdict!r}.", f"Use {', '.join(NAMES)}.")
    kept = verdict in ("edit", "rejected")

    def said(standing: Standing, _: str) -> Judgement:
        before = standing.said
        return replace(before, verdict=verdict, reasons=before.reasons if kept else ())

    return _say(engine, seen, said, by=by, now=now)


def put_back(engine: Engine, changed: Sequence[Changed], *, by: str, now: datetime) -> Judged:
    """Say of each what was said before it changed."""
    before = {one.id: one.before for one in changed}
    seen = {one.id: one.turn for one in changed}
    return _say(engine, seen, lambda _, id: before[id], by=by, now=now)


def _say(
    engine: Engine,
    seen: Mapping[str, int],
    said: Callable[[Standing, str], Judgement],
    *,
    by: str,
    now: datetime,
) -> Judged:
    check(by, "judge pictures")
    if len(seen) > MOST:
        raise StudioError(f"{len(seen):,} pictures are chosen.", f"Choose at most {MOST:,}.")
    changed, left, rows = [], 0, []
    with writing(engine) as connection:
        for id, standing in _standings(connection, list(seen)):
            new = said(standing, id)
            if new.verdict == standing.said.verdict:
                continue
            if standing.turn != seen[id]:
                left += 1
                continue
            changed.append(Changed(id, standing.said, standing.turn + 1))
            rows.append(_row(standing, new, by, now))
        if rows:
            _write(connection, rows)
            bump(connection)
    return Judged(tuple(changed), left)


def _standings(connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, Standing]]:
    """What is said now of those of the assets that are there."""
    query = sa.select(assets.c.id, assets.c.number, assets.c.kind, verdicts)
    query = query.select_from(assets.outerjoin(verdicts))
    for first in range(0, len(ids), BATCH):
        mine = assets.c.id.in_(ids[first : first + BATCH])
        for row in connection.execute(query.where(mine)).all():
            if row.turn is None:
                yield row.id, Standing(row.number, row.kind, Judgement(None))
                continue
            said = judgement(row.verdict, row.reasons, row.note, row.pin_x, row.pin_y)
            standing = Standing(
                row.number, row.kind, said, row.by, row.at, row.changed_by, row.turn
            )
            yield row.id, standing


def _row(standing: Standing, new: Judgement, by: str, now: datetime) -> dict[str, Any]:
    x, y = new.pin or (None, None)
    return {
        "asset": standing.asset,
        "verdict": new.verdict,
        "reasons": list(new.reasons),
        "note": new.note,
        "pin_x": x,
        "pin_y": y,
        "by": by,
        "at": stamp(now),
        "changed_by": by,
        "turn": standing.turn + 1,
    }


def _write(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """The rows in place of those of their assets, and the verdict beside each asset."""
    own = assets.c.number == sa.bindparam("own")
    verdict = assets.update().where(own).values(verdict=sa.bindparam("said"))
    for first in range(0, len(rows), BATCH):
        part = rows[first : first + BATCH]
        mine = verdicts.c.asset.in_([row["asset"] for row in part])
        connection.execute(verdicts.delete().where(mine))
        connection.execute(verdicts.insert(), part)
        connection.execute(verdict, [{"own": row["asset"], "said": row["verdict"]} for row in part])
