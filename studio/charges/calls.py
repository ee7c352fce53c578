"""A call that costs, from its estimate to its actual, each step one transaction.

Whoever is to make a call reserves it, and posts it only where `send` says True, which it does once
for ever: of several who try, and of all attempts at a job, one. `studio.charges.calling` does both.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio import notifications
from studio.charges import limits, money
from studio.charges.charge import NOTE, WHAT, Charge, State, month_of, of_id, of_key
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.charges.tables import charges
from studio.database.engine import bump, is_writing, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

HOLD = timedelta(minutes=10)  # that an estimate holds its money without being sent
PATIENCE = timedelta(minutes=10)  # for an answer; then the call is unconfirmed
AT_ONCE = 100


@dataclass(frozen=True)
class Meant:
    """A call that is meant. `key` is its own for ever ("job 12, mesh 1"): with the same key it is
    the same call, whoever asks again. `kind` is of job, `what` for people."""

    key: str
    kind: str
    what: str
    provider: str
    person: str
    style: str = ""
    machine: str = ""
    job: int | None = None


def reserve(engine: Engine, meant: Meant, quote: Quote, *, now: datetime) -> Charge:
    """The call's charge, its estimate held for HOLD and checked against all limits in the same
    transaction. One that is under way or has ended under this key is given as it is; one that was
    released, or not sent in time, is reserved anew. LimitReached (StudioError) where a limit leaves
    less than the quote.

    What others hold for too long by our clock is released here, before it is reckoned with: a
    machine whose clock is behind could send it else, and pass the limit."""
    money.checked(quote.money)
    at = stamp(now)
    with writing(engine) as connection:
        before = of_key(connection, meant.key)
        if before is not None and not _lapsed(before, at):
            return before
        _release_late(connection, at)
        limits.refuse_beyond(connection, quote.money, meant.style, meant.person, now)
        values = {
            "state": "estimated",
            "month": month_of(now),
            "currency": quote.money.currency,
            "estimate": quote.money.micros,
            "price_list": quote.price_list,
            "price_version": quote.version,
            "item": quote.item,
            "quantity": quote.quantity,
            "until": stamp(now + HOLD),
            "made_at": at,
            "ended_at": None,
            "note": "",
        }
        if before is None:
            connection.execute(charges.insert().values(**values, **_new(meant)))
        else:
            connection.execute(charges.update().where(charges.c.id == before.id).values(**values))
        bump(connection)
        made = of_key(connection, meant.key)
        assert made is not None
        return made


def send(engine: Engine, id: int, *, now: datetime, patience: timedelta = PATIENCE) -> bool:
    """Note that the call is sent. Only who is told True may post it, once this has returned; False:
    another was quicker, or the estimate holds its money no longer. An answer that does not come
    within `patience` makes it unconfirmed."""
    if is_writing(engine):
        raise ValueError("a call is noted as sent in a transaction of its own, or not for certain")
    at, c = stamp(now), charges.c
    values = {"state": "sent", "sent_at": at, "until": stamp(now + patience)}
    with writing(engine) as connection:
        held = (c.id == id) & (c.state == "estimated") & (c.until >= at)
        done = connection.execute(charges.update().where(held).values(**values))
        if done.rowcount:
            bump(connection)
        return bool(done.rowcount == 1)


def accept(engine: Engine, id: int, reference: str, *, now: datetime) -> Charge:
    """The provider has taken it under a number of its own, also where that is heard late. Another
    number than was heard before is refused (StudioError): it may be a second call."""
    with writing(engine) as connection:
        charge = of_id(connection, id)
        _check_reference(charge, reference)
        if charge.state in ("accepted", "done", "failed"):
            return charge
        to: State = "settled" if charge.state == "settled" else "accepted"
        before: tuple[State, ...] = ("sent", "unconfirmed", "settled")
        return _move(connection, charge, to, before, reference=reference, until=None)


def finish(
    engine: Engine,
    id: int,
    actual: Money,
    *,
    now: datetime,
    reference: str | None = None,
    measured: int | None = None,
) -> Charge:
    """What it did cost is known: by the answer, or by price and what was `measured`, a quantity. It
    replaces what a person had settled meanwhile. `reference` as for `accept`. StudioError for
    another currency than the estimate's."""
    more: dict[str, Any] = {} if reference is None else {"reference": reference}
    more |= {} if measured is None else {"quantity": measured}
    return _end(engine, id, "done", actual, now, **more)


def fail(engine: Engine, id: int, actual: Money, *, now: datetime, note: str) -> Charge:
    """The provider answered that nothing comes of it; what it costs all the same, mostly 0."""
    return _end(engine, id, "failed", actual, now, note=note[:NOTE])


def lose(engine: Engine, id: int, *, now: datetime, note: str) -> Charge:
    """Its answer is lost: it may have been taken or not. A notice tells people."""
    with writing(engine) as connection:
        return _lose(connection, of_id(connection, id), now, note)


def release(engine: Engine, id: int, *, now: datetime) -> Charge:
    """It is not sent after all: its money is free again."""
    with writing(engine) as connection:
        charge = of_id(connection, id)
        if charge.state == "released":
            return charge
        return _move(connection, charge, "released", ("estimated",), ended_at=stamp(now))


def overdue(engine: Engine, now: datetime) -> int:
    """Of calls whose time is over: what was sent and not answered becomes unconfirmed, what was
    not sent is released. How many; the watcher calls it."""
    c, at = charges.c, stamp(now)
    late = sa.select(c.id).where(c.state.in_(("estimated", "sent")), c.until < at).limit(AT_ONCE)
    with engine.connect() as connection:
        found = list(connection.execute(late).scalars())
    for id in found:
        with writing(engine) as connection:
            charge = of_id(connection, id)
            if charge.until is None or charge.until >= at:
                continue  # its answer came, or it was reserved anew
            if charge.state == "sent":
                _lose(connection, charge, now, "No answer came in time.")
            elif charge.state == "estimated":
                _move(connection, charge, "released", ("estimated",), ended_at=at)
    return len(found)


def _lose(connection: Connection, charge: Charge, now: datetime, note: str) -> Charge:
    if charge.state != "sent":  # it is known by now, or was told already
        return charge
    text = (
        f"The answer of {charge.provider} to “{charge.what}” was lost: it may cost "
        f"{charge.amount}. A producer settles it on the page Costs."
    )
    notifications.tell(connection, "unconfirmed charge", text, now, charge.style, charge=charge.id)
    return _move(connection, charge, "unconfirmed", ("sent",), note=note[:NOTE], until=None)


def _end(
    engine: Engine, id: int, state: State, actual: Money, now: datetime, **more: Any
) -> Charge:
    money.checked(actual)
    with writing(engine) as connection:
        charge = of_id(connection, id)
        money.same_currency(charge.currency, actual.currency, f"Charge {id}")
        _check_reference(charge, more.get("reference"))
        if (charge.state, charge.actual) == (state, actual.micros):
            return charge  # heard twice
        before: tuple[State, ...] = ("sent", "accepted", "unconfirmed", "settled")
        if charge.state == "settled" and charge.actual != actual.micros:
            was = Money(charge.actual or 0, charge.currency)
            text = (
                f"{charge.provider} answered after all: “{charge.what}” cost {actual}, and "
                f"{charge.settled_by} had settled it at {was}."
            )
            notifications.tell(connection, "late answer", text, now, charge.style, charge=id)
        values = {"actual": actual.micros, "ended_at": stamp(now), "until": None}
        return _move(connection, charge, state, before, **values, **more)


def _check_reference(charge: Charge, reference: str | None) -> None:
    if reference is not None and charge.reference not in (None, reference):
        raise StudioError(
            f"Charge {charge.id} is {charge.reference} at {charge.provider}, and {reference[:80]} "
            "by a later answer: it may have been taken twice.",
            f"Look at {charge.provider}'s own bill; enter by hand what it counts beside.",
        )


def _move(
    connection: Connection,
    charge: Charge,
    to: State,
    before: Collection[str],
    **values: Any,
) -> Charge:
    """The charge in another state; StudioError where it is in none of those `before`."""
    if charge.state not in before:
        raise StudioError(
            f"Charge {charge.id} is {charge.state}, so it can't become {to}.",
            "Look at it on the page Costs.",
        )
    this = charges.update().where(charges.c.id == charge.id)
    connection.execute(this.values(state=to, **values))
    bump(connection)
    return of_id(connection, charge.id)


def _release_late(connection: Connection, at: str) -> None:
    """No estimate whose time is over can be sent any more, by whichever clock."""
    c = charges.c
    late = (c.state == "estimated") & (c.until < at)
    connection.execute(charges.update().where(late).values(state="released", ended_at=at))


def _lapsed(charge: Charge, at: str) -> bool:
    """Whether it holds no money and was never sent."""
    late = charge.state == "estimated" and charge.until is not None and charge.until < at
    return late or charge.state == "released"


def _new(meant: Meant) -> dict[str, Any]:
    return {
        "source": "call",
        "key": meant.key,
        "token": secrets.token_hex(16),
        "kind": meant.kind,
        "what": meant.what[:WHAT],
        "style": meant.style,
        "person": str(meant.person),
        "machine": meant.machine,
        "provider": meant.provider,
        "job": meant.job,
        "why": "",
    }
