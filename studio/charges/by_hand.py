"""Costs that are no call: one-time ones that a producer enters, and hours of own machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.charges import money, reasons
from studio.charges.charge import WHAT, Charge, Source, checked_month, month_of, of_id, of_key
from studio.charges.money import Money
from studio.charges.prices import RIGHT, Quote
from studio.charges.tables import charges
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.text.decoding import cleaned

KIND, LEAST, STYLE = "one-time", 2, 63  # of such a cost; characters of what for, of a style


@dataclass(frozen=True)
class Hours:
    """What one attempt at a job took of an own machine. `key` is its own for ever; `at` is when it
    ended."""

    key: str
    quote: Quote
    kind: str
    what: str
    style: str
    person: str
    machine: str
    job: int
    at: datetime


def enter(
    engine: Engine,
    amount: Money,
    what: str,
    *,
    key: str,
    month: str = "",
    style: str = "",
    by: str,
    now: datetime,
) -> Charge:
    """Enter what was paid once: a licence, a commission. It counts in `month` ("2026-11"), or in
    this one, for a style where one is named. The same form, known by `key`, enters it once."""
    check(by, RIGHT)
    money.checked(amount)
    told, style = (" ".join(cleaned(one).split()) for one in (what, style))
    if not LEAST <= len(told) <= WHAT:
        raise StudioError(
            f"What it was for has {len(told)} characters.", f"Say it in {LEAST} to {WHAT}."
        )
    counts_in = checked_month(month) if month else month_of(now)
    with writing(engine) as connection:
        known = of_key(connection, f"by hand {key}")
        if known is not None:
            return known
        id = _insert(
            connection,
            "by hand",
            f"by hand {key}",
            Quote(amount),
            now,
            kind=KIND,
            what=told,
            style=style[:STYLE],
            person=str(by),
            month=counts_in,
        )
        _record(connection, "enter cost", f"{told}, {amount}", style, by, now)
        return of_id(connection, id)


def withdraw(engine: Engine, id: int, *, why: str, by: str, now: datetime) -> Charge:
    """Take back an entry that was a mistake: it counts nothing, and stays to be seen."""
    check(by, RIGHT)
    told = reasons.checked(why)
    with writing(engine) as connection:
        charge = of_id(connection, id)
        if charge.source != "by hand":
            raise StudioError(
                f"Charge {id} was not entered by hand.", "Only what people entered is taken back."
            )
        if charge.state != "withdrawn":
            values = {"state": "withdrawn", "settled_by": str(by), "why": told}
            connection.execute(charges.update().where(charges.c.id == id).values(**values))
            said = f"{charge.what}, {Money(charge.estimate, charge.currency)}: {told}"
            _record(connection, "withdraw cost", said, charge.style, by, now)
            bump(connection)
        return of_id(connection, id)


def count_hours(connection: Connection, hours: Hours) -> None:
    """Keep what an attempt at a job took, once; within the transaction that counts it."""
    if of_key(connection, hours.key) is None:
        _insert(
            connection,
            "own machine",
            hours.key,
            hours.quote,
            hours.at,
            kind=hours.kind,
            what=hours.what[:WHAT],
            style=hours.style,
            person=hours.person,
            machine=hours.machine,
            job=hours.job,
            month=month_of(hours.at),
        )


def _insert(
    connection: Connection, source: Source, key: str, quote: Quote, at: datetime, **more: Any
) -> int:
    """A charge that is known at once; its id."""
    values = {
        "source": source,
        "key": key,
        "state": "done",
        "currency": quote.money.currency,
        "estimate": quote.money.micros,
        "actual": quote.money.micros,
        "machine": "",
        "provider": "",
        "price_list": quote.price_list,
        "price_version": quote.version,
        "item": quote.item,
        "quantity": quote.quantity,
        "made_at": stamp(at),
        "ended_at": stamp(at),
        "note": "",
        "why": "",
    }
    made = connection.execute(charges.insert().values(**{**values, **more}))
    bump(connection)
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def _record(
    connection: Connection, action: str, said: str, style: str, by: str, now: datetime
) -> None:
    ledger.record(connection, at=now, actor=by, action=action, style=style or None, reason=said)
