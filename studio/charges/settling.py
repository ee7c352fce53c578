"""Calls that nobody knows the cost of: shown to people, settled by a producer with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.charges import money, reasons
from studio.charges.charge import Charge, as_charge, of_id
from studio.charges.money import Money
from studio.charges.prices import RIGHT
from studio.charges.tables import charges
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

OPEN = ("unconfirmed", "accepted")  # what a person can settle
LONG = timedelta(days=1)  # for a provider to say what a call cost that it took


def unconfirmed(engine: Engine) -> list[Charge]:
    """Every call whose answer was lost and that is not settled, the oldest first."""
    query = sa.select(charges).where(charges.c.state == "unconfirmed").order_by(charges.c.id)
    with engine.connect() as connection:
        return [as_charge(row) for row in connection.execute(query)]


def without_cost(engine: Engine, now: datetime) -> list[Charge]:
    """Every call that was taken LONG ago and that nobody has said the cost of, since its job was
    cancelled say; the oldest first."""
    c = charges.c
    query = sa.select(charges).where(c.state == "accepted", c.sent_at < stamp(now - LONG))
    with engine.connect() as connection:
        found = connection.execute(query.order_by(c.id))
        return [as_charge(row) for row in found]


def settle(
    engine: Engine,
    id: int,
    amount: Money,
    *,
    instead_of: Money | None = None,
    why: str,
    by: str,
    now: datetime,
) -> Charge:
    """Say what a call did cost, 0 where it never arrived: as the provider's own bill has it. The
    same sent twice settles once. StudioError where it is known by now, or settled otherwise, but
    for a mistake: `instead_of` is what it was settled at."""
    check(by, RIGHT)
    told = reasons.checked(why)
    money.checked(amount)
    with writing(engine) as connection:
        charge = of_id(connection, id)
        money.same_currency(charge.currency, amount.currency, f"Charge {id}")
        same = (charge.actual, charge.settled_by, charge.why) == (amount.micros, str(by), told)
        if charge.state == "settled" and same:
            return charge
        mended = charge.state == "settled" and instead_of == charge.amount
        if charge.state not in OPEN and not mended:
            remedy = "There is nothing to settle. Look at it on the page Costs."
            if charge.state == "settled":
                remedy = "Where that is a slip: python -m studio costs settle ... --instead-of."
            raise StudioError(f"Charge {id} is {charge.state}: it cost {charge.amount}.", remedy)
        values = {
            "state": "settled",
            "actual": amount.micros,
            "ended_at": stamp(now),
            "until": None,
            "settled_by": str(by),
            "why": told,
        }
        connection.execute(charges.update().where(charges.c.id == id).values(**values))
        before = f"settled at {charge.amount} before" if mended else f"estimated at {charge.amount}"
        reason = f"{charge.what} at {amount}, {before}: {told}"
        ledger.record(
            connection,
            at=now,
            actor=by,
            action="settle charge",
            style=charge.style or None,
            reason=reason,
        )
        bump(connection)
        return of_id(connection, id)
