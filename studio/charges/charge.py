"""One charge: what for, who, estimate and actual, and how far it is.

A call goes *estimated* (its money is held), *sent* (noted before the provider is told), *accepted*
(the provider's own number for it is known), *done* or *failed*. A call that was sent and whose
answer was lost is *unconfirmed*, until it is found again by its token or a person has *settled* it.
What was never sent is *released*. Hours of own machines and what people enter by hand are *done* at
once; an entry that was a mistake is *withdrawn*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Engine, Row

from studio.charges.money import Money
from studio.charges.tables import charges
from studio.errors import StudioError

State = Literal[
    "estimated",
    "sent",
    "accepted",
    "unconfirmed",
    "done",
    "failed",
    "settled",
    "released",
    "withdrawn",
]
Source = Literal["call", "own machine", "by hand"]
NOTHING: tuple[State, ...] = ("released", "withdrawn")  # they cost nothing
OPEN: tuple[State, ...] = ("estimated", "sent", "accepted")
WHAT, NOTE = 200, 500  # characters
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Charge:
    """One row. Moments are ISO UTC; amounts are micro-units of `currency`, `actual` None until it
    is known. It counts in `month` ("2026-11", UTC), in which it was estimated, for good.

    `quantity` of `item` was priced by version `price_version` of `price_list`, 0 where by none.
    `token` is ours and `reference` the provider's for the same call. Until `until` an estimate
    holds its money, and a sent call's answer is waited for. `note` is what the provider, or the
    lack of its answer, said; `why` is a person's.
    """

    id: int
    source: Source
    key: str
    token: str | None
    state: State
    month: str
    currency: str
    estimate: int
    actual: int | None
    kind: str
    what: str
    style: str
    person: str
    machine: str
    provider: str
    job: int | None
    price_list: str
    price_version: int
    item: str
    quantity: int
    reference: str | None
    until: str | None
    made_at: str
    sent_at: str | None
    ended_at: str | None
    note: str
    settled_by: str | None
    why: str

    @property
    def amount(self) -> Money:
        """What it costs, as far as that is known: else what it may cost."""
        if self.state in NOTHING:
            return Money(0, self.currency)
        return Money(self.estimate if self.actual is None else self.actual, self.currency)

    @property
    def prices(self) -> str:
        """The price list and its version, as "meshes@3"; "" where it was priced by none."""
        return f"{self.price_list}@{self.price_version}" if self.price_version else ""


def get(engine: Engine, id: int) -> Charge:
    """Charge `id`, or StudioError."""
    with engine.connect() as connection:
        return of_id(connection, id)


def of_id(connection: Connection, id: int) -> Charge:
    """As `get`, within a transaction."""
    row = connection.execute(sa.select(charges).where(charges.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no charge {id}.", "Choose one on the page Costs.")
    return as_charge(row)


def of_key(connection: Connection, key: str) -> Charge | None:
    """The charge that was made under a key, if any."""
    row = connection.execute(sa.select(charges).where(charges.c.key == key)).first()
    return None if row is None else as_charge(row)


def as_charge(row: Row[Any]) -> Charge:
    """A row of the table as a record."""
    found = row._mapping
    return Charge(**{field.name: found[field.name] for field in fields(Charge)})


def month_of(moment: datetime) -> str:
    """The month of a moment, "2026-11", by UTC."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def checked_month(written: str) -> str:
    """A month as `month_of` has it; StudioError where it is none."""
    if not _MONTH.fullmatch(written):
        raise StudioError(f"{written[:20]!r} is no month.", "Write it as 2026-11.")
    return written


def counted(at: str) -> ColumnElement[int]:
    """In SQL, what a row counts at the moment `at`: the actual, before it is known the estimate,
    and nothing where an estimate was not sent while it held its money."""
    c = charges.c
    lapsed = (c.state == "estimated") & (c.until < at)
    return sa.case((c.state.in_(NOTHING) | lapsed, 0), else_=sa.func.coalesce(c.actual, c.estimate))
