"""What people say of an asset: approved, needs an edit or rejected, why and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.assets.tables import assets, verdicts
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError

Verdict = Literal["approved", "edit", "rejected"]

NAMES: dict[Verdict, str] = {
    "approved": "Approved",
    "edit": "Needs an edit",
    "rejected": "Rejected",
}
NOTE = 2_000  # characters


@dataclass(frozen=True)
class Judgement:
    """A verdict (None: not judged yet) with its reasons, a note, and a pin on the picture as
    shares of its width and height, 0 to 1 from the top left."""

    verdict: Verdict | None
    reasons: tuple[str, ...] = ()
    note: str = ""
    pin: tuple[float, float] | None = None


@dataclass(frozen=True)
class Standing:
    """What is said of an asset now, by whom and when (ISO UTC).

    `turn` counts the changes, of the judgement as of what an artist put beside the asset, and
    `changed_by` made the last, so that nobody overwrites what they have not seen.
    """

    asset: int
    kind: str
    said: Judgement
    by: str | None = None
    at: str | None = None
    changed_by: str = ""
    turn: int = 0

    def check_turn(self, turn: int) -> None:
        """ChangedMeanwhile where somebody changed something since `turn` was seen."""
        if self.turn != turn:
            verdict, reasons = self.said.verdict, self.said.reasons
            raise ChangedMeanwhile(
                f"{self.changed_by} changed this {self.kind} meanwhile; "
                f"it is now: {NAMES[verdict] if verdict else 'not judged'}"
                f"{', because: ' if reasons else ''}{', '.join(reasons)}.",
                "Look at it again, then decide.",
            )


def judge(
    engine: Engine, id: str, said: Judgement, *, by: str, now: datetime, turn: int
) -> Standing:
    """Say something of an asset; the same once more changes nothing.

    `turn` is the asset's as the person saw it; StudioError where somebody else said something
    meanwhile, and for what can't be said.
    """
    check(by, "judge pictures")
    said = replace(said, note=said.note.strip())
    _check(said)
    with writing(engine) as connection:
        before = standing(connection, id)
        if before.said == said:
            return before
        before.check_turn(turn)
        x, y = said.pin or (None, None)
        values = {
            "verdict": said.verdict,
            "reasons": list(said.reasons),
            "note": said.note,
            "pin_x": x,
            "pin_y": y,
            "by": by,
            "at": stamp(now),
        }
        mine = assets.c.number == before.asset
        connection.execute(assets.update().where(mine).values(verdict=said.verdict))
        change(connection, before, by, values)
        return standing(connection, id)


def standing(connection: Connection, id: str) -> Standing:
    """What is said of asset `id` now; StudioError where there is none."""
    query = sa.select(assets.c.number, assets.c.kind, verdicts)
    query = query.select_from(assets.outerjoin(verdicts)).where(assets.c.id == id)
    row = connection.execute(query).first()
    if row is None:
        raise StudioError(f"There is no asset {id[:40]!r}.", "Choose one in the gallery.")
    if row.turn is None:
        return Standing(row.number, row.kind, Judgement(None))
    said = judgement(row.verdict, row.reasons, row.note, row.pin_x, row.pin_y)
    return Standing(row.number, row.kind, said, row.by, row.at, row.changed_by, row.turn)


def change(
    connection: Connection, before: Standing, by: str, values: dict[str, Any] | None = None
) -> None:
    """Write `values` of an asset's verdict, or note that something else about it changed."""
    mine = verdicts.c.asset == before.asset
    values = {**(values or {}), "changed_by": by, "turn": before.turn + 1}
    if before.turn:
        connection.execute(verdicts.update().where(mine).values(**values))
    else:
        first = {"asset": before.asset, "reasons": [], "note": ""}
        connection.execute(verdicts.insert(), {**first, **values})
    bump(connection)


def judgement(
    verdict: Verdict | None,
    reasons: list[str] | None,
    note: str | None,
    x: float | None,
    y: float | None,
) -> Judgement:
    """The columns of a row, None where nobody said anything, as what is said."""
    pin = None if x is None or y is None else (x, y)
    return Judgement(verdict, tuple(reasons or ()), note or "", pin)


def _check(said: Judgement) -> None:
    if said.verdict is not None and said.verdict not in NAMES:
        raise StudioError(f"There is no verdict {said.verdict!r}.", f"Use {', '.join(NAMES)}.")
    if len(said.note) > NOTE:
        raise StudioError(f"The note has {len(said.note):,} characters.", f"Use at most {NOTE:,}.")
    if len(said.reasons) > 40 or any(len(reason) > 60 for reason in said.reasons):
        raise StudioError("There are too many reasons, or one is too long.", "Choose a few.")
    if said.pin is not None and not all(0 <= place <= 1 for place in said.pin):
        raise StudioError(f"The pin at {said.pin} is outside the picture.", "Set it inside.")
