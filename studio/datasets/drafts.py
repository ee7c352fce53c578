"""The draft of a dataset's next version: edits that wait, shared by everybody, until a freeze.

A draft is a row of steps; a step is what one person did at once, to one picture or to many. Of
each picture's field the newest step counts, so taking a step back brings the one before to light.
Edits belong to pictures (by hash), not to a version: they hold on whichever version is newest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.datasets import withdrawals
from studio.datasets.edits import Change, Edit, Field, Row, applied, cleaned, summary
from studio.datasets.freeze import change
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture
from studio.datasets.tables import edits, steps
from studio.errors import StudioError

Place = tuple[str, Field]  # a picture's hash, and which field of it


@dataclass(frozen=True)
class Step:
    """What `by` did at once; `edits` is how many fields of pictures it set."""

    id: int
    at: str
    by: str
    says: str
    edits: int


@dataclass(frozen=True)
class Written:
    """A stored step (None: there was nothing to change) and whose edits it wrote over."""

    step: int | None
    over: tuple[Edit, ...]


def mark(engine: Engine, dataset: str) -> tuple[int, int]:
    """(newest step, number of steps): changes with every change of the draft."""
    query = sa.select(sa.func.max(steps.c.id), sa.func.count()).where(steps.c.dataset == dataset)
    with engine.connect() as connection:
        newest, count = connection.execute(query).one()
    return newest or 0, count


def read(engine: Engine, dataset: str) -> tuple[Edit, ...]:
    """All edits of the draft, older steps first."""
    with engine.connect() as connection:
        return _read(connection, dataset)


def history(engine: Engine, dataset: str, limit: int = 20) -> list[Step]:
    """The newest steps first."""
    size = sa.select(sa.func.count()).where(edits.c.step == steps.c.id).scalar_subquery()
    query = (
        sa.select(steps.c.id, steps.c.at, steps.c.by, steps.c.says, size.label("edits"))
        .where(steps.c.dataset == dataset)
        .order_by(steps.c.id.desc())
        .limit(limit)
    )
    with engine.connect() as connection:
        return [Step(**row._mapping) for row in connection.execute(query)]


def write(
    engine: Engine,
    dataset: str,
    changes: Sequence[Change],
    *,
    says: str,
    by: str,
    now: datetime,
    seen: int = 0,
    key: str | None = None,
    unless: Callable[[Mapping[Place, Edit]], None] = lambda current: None,
) -> Written:
    """Add a step. The last write wins; `over` tells of others' edits newer than step `seen`, the
    newest that the person had on the screen. The same `key` from the same person counts once.
    `unless` sees the edits that hold while nobody else can write; what it raises stops the step.

    StudioError for a value that can't be.
    """
    check(by, "edit datasets")
    values = {(c.hash, c.field): cleaned(c.field, c.value) for c in changes}
    if not values:
        return Written(None, ())
    with writing(engine) as connection:
        if key is not None:
            sent = sa.select(steps.c.id).where(steps.c.by == by, steps.c.key == key)
            found = connection.execute(sent).scalar()
            if found is not None:
                return Written(int(found), ())
        current: dict[Place, Edit] = {(e.hash, e.field): e for e in _read(connection, dataset)}
        unless(current)
        over = tuple(
            edit
            for place, value in values.items()
            if (edit := current.get(place)) and edit.by != by and edit.step > seen
            if edit.value != value
        )
        made = connection.execute(
            steps.insert().values(dataset=dataset, at=stamp(now), by=by, says=says, key=key)
        ).inserted_primary_key
        assert made is not None
        connection.execute(
            edits.insert(),
            [
                {"step": made[0], "hash": hash, "field": field, "value": value}
                for (hash, field), value in values.items()
            ],
        )
        bump(connection)
        return Written(int(made[0]), over)


def undo(engine: Engine, dataset: str, step: int, *, by: str = "") -> bool:
    """Take a step back, whoever made it. False: it was gone already."""
    check(by, "edit datasets")
    with writing(engine) as connection:
        return _drop(connection, dataset, [step]) == 1


def discard(engine: Engine, dataset: str, *, by: str, now: datetime, upto: int) -> int:
    """Take all steps back that are no newer than `upto`; how many. Newer ones nobody saw."""
    check(by, "edit datasets")
    with writing(engine) as connection:
        query = sa.select(steps.c.id).where(steps.c.dataset == dataset, steps.c.id <= upto)
        gone = _drop(connection, dataset, connection.execute(query).scalars().all())
        if gone:
            ledger.record(
                connection, at=now, actor=by, action="discard draft", reason=f"{dataset}: {gone}"
            )
        return gone


def freeze(
    engine: Engine, home: Path, dataset: str, *, says: str, by: str, now: datetime
) -> DatasetVersion:
    """The newest version with the draft's edits, as a version; the draft is then empty.

    Where the edits change nothing, the newest version is the answer. StudioError when there is
    no such dataset or no picture would be left.
    """
    check(by, "edit datasets")
    waiting = read(engine, dataset)

    rows: list[Row] = []

    def make(before: DatasetVersion | None) -> tuple[Look, Sequence[Picture]]:
        if before is None:
            raise StudioError(f"There is no dataset {dataset!r}.", "Add pictures to it first.")
        rows.extend(applied(before.pictures, waiting, withdrawals.by(home)))
        return before.look, [row.picture for row in rows if not row.removed]

    def line() -> str:
        return says.strip() or summary(rows)

    made = change(home, dataset, make, now=now, actor=by, says=line)
    # A crash before this leaves edits that change nothing any more; they are shown nowhere.
    with writing(engine) as connection:
        if _drop(connection, dataset, {e.step for e in waiting}):
            reason = f"{dataset}@{made.version}: {made.says}"
            ledger.record(connection, at=now, actor=by, action="freeze", reason=reason)
    return made


def _read(connection: Connection, dataset: str) -> tuple[Edit, ...]:
    query = (
        sa.select(edits.c.hash, edits.c.field, edits.c.value, steps.c.by, steps.c.at, edits.c.step)
        .join(steps, steps.c.id == edits.c.step)
        .where(steps.c.dataset == dataset)
        .order_by(edits.c.step)
    )
    return tuple(
        Edit(hash, field, tuple(value) if isinstance(value, list) else value, by, at, step)
        for hash, field, value, by, at, step in connection.execute(query)
    )


def _drop(connection: Connection, dataset: str, ids: Collection[int]) -> int:
    if not ids:
        return 0
    mine = sa.select(steps.c.id).where(steps.c.dataset == dataset, steps.c.id.in_(ids))
    connection.execute(edits.delete().where(edits.c.step.in_(mine)))
    gone = connection.execute(
        steps.delete().where(steps.c.dataset == dataset, steps.c.id.in_(ids))
    ).rowcount
    if gone:
        bump(connection)
    return gone
