"""Limits on what paid calls may cost in a calendar month (UTC): in all, for a style, for a person.

Each is of one currency and nothing is converted. Without a limit for all in a currency nothing may
be spent in it; a style or a person without one of their own has that of "*", or none. A limit is
changed by a producer with a reason, in revisions. Hours of own machines and what people enter by
hand are no calls: no limit counts them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.people import named_in
from studio.accounts.rights import Actor, check
from studio.charges import currencies, money, reasons
from studio.charges.charge import counted, month_of
from studio.charges.money import Money
from studio.charges.tables import charges, spending_limits
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.text.decoding import cleaned

RIGHT = "manage costs"
STUDIO, STYLE, PERSON = "studio", "style", "person"
SCOPES = (STUDIO, STYLE, PERSON)
EACH = "*"  # every style or person that has no limit of its own
NAME = 100  # characters
RAISE = (
    "Ask for less, wait for the next month, or let a producer raise the limit with a reason: on "
    "the page Costs, or by python -m studio costs limit"
)


class LimitReached(StudioError):
    """What is meant would cost more than a limit leaves; nothing was sent."""


@dataclass(frozen=True)
class Limit:
    """One revision of a limit a month; `name` is the style or the person, "" for all. `amount` is
    micro-units of `currency`, None where the limit was taken away. `at` is ISO UTC."""

    scope: str
    name: str
    currency: str
    revision: int
    amount: int | None
    by: str
    at: str
    why: str


@dataclass(frozen=True)
class Standing:
    """A limit with what counts against it in a month, in micro-units; None where it stands for
    each style or person, who are counted one by one."""

    limit: Limit
    used: int | None


def current(engine: Engine, scope: str, name: str, currency: str) -> Limit | None:
    """The newest revision; None where nobody ever set such a limit."""
    with engine.connect() as connection:
        return _newest(connection, scope, name, currency)


def seen(engine: Engine) -> dict[tuple[str, str, str], int]:
    """The newest revision of every limit by scope, name and currency, of those taken away too."""
    c = spending_limits.c
    query = sa.select(c.scope, c.name, c.currency, sa.func.max(c.revision))
    with engine.connect() as connection:
        found = connection.execute(query.group_by(c.scope, c.name, c.currency))
        return {(scope, name, code): int(number) for scope, name, code, number in found}


def standing(engine: Engine, now: datetime) -> list[Standing]:
    """Every limit that holds, with what is used of it this month: for all first, then by name."""
    c = spending_limits.c
    with engine.connect() as connection:
        query = sa.select(spending_limits).order_by(c.revision)
        kept = {(row.scope, row.name, row.currency): row for row in connection.execute(query)}
        found = [_limit(row) for row in kept.values() if row.amount is not None]
        found.sort(key=lambda one: (SCOPES.index(one.scope), one.name, one.currency))
        return [
            Standing(one, None if one.name == EACH else _used(connection, one, one.name, now))
            for one in found
        ]


def save(
    engine: Engine,
    scope: str,
    name: str,
    currency: str,
    amount: int | None,
    *,
    after: int,
    why: str,
    by: str,
    now: datetime,
) -> Limit | None:
    """Set what may be spent in a month, in micro-units; None takes the limit away. `after` is the
    revision that the person saw, 0 for none: StudioError where another is there by now. `name` as
    for `named`."""
    check(by, RIGHT)
    if scope not in SCOPES:
        raise StudioError(f"There is no limit for a {scope!r}.", f"Limits: {', '.join(SCOPES)}.")
    code, told = currencies.checked(currency), reasons.checked(why)
    name = named(engine, scope, name, by=by)
    if amount is not None:
        money.checked(Money(amount, code))
    with writing(engine) as connection:
        held = _newest(connection, scope, name, code)
        number = held.revision if held else 0
        if (held.amount if held else None) == amount:
            return held
        if number != after:
            was = f"{held.by} changed it on {held.at[:10]}" if held else "nobody set one"
            raise StudioError(
                f"The limit of {_of(scope, name)} is not as you saw it: {was}.",
                "Look at it again, then change what is there now.",
            )
        new = Limit(scope, name, code, number + 1, amount, str(by), stamp(now), told)
        connection.execute(spending_limits.insert().values(vars(new)))
        ledger.record(
            connection,
            at=now,
            actor=by,
            action="change limit",
            style=name if scope == STYLE and name != EACH else None,
            reason=f"{_of(scope, name)}, {_said(held, code)} to {_said(new, code)}: {told}",
        )
    return new


def check_room(engine: Engine, meant: Money, style: str, person: str, now: datetime) -> None:
    """LimitReached where this could not be reserved now; nothing is reserved."""
    with engine.connect() as connection:
        refuse_beyond(connection, meant, style, person, now)


def refuse_beyond(
    connection: Connection, meant: Money, style: str, person: str, now: datetime
) -> None:
    """LimitReached where one of the limits leaves less than `meant`. Within the transaction that
    reserves it nobody else can reserve meanwhile."""
    month = month_of(now)
    limits = list(_applying(connection, meant.currency, style, person))
    if not any(limit.scope == STUDIO for limit, _ in limits):
        raise LimitReached(
            f"This may cost {meant}, and no limit is set for {meant.currency}: nothing is spent "
            "without one.",
            f"{RAISE}.",
        )
    for limit, name in limits:
        assert limit.amount is not None
        left = limit.amount - _used(connection, limit, name, now)
        if meant.micros > left:
            raise LimitReached(
                f"This may cost {meant}. Of the {Money(limit.amount, meant.currency)} that "
                f"{_of(limit.scope, name)} may cost in {month}, {_left(left, meant.currency)}.",
                f"{RAISE}.",
            )


def _applying(
    connection: Connection, currency: str, style: str, person: str
) -> Iterator[tuple[Limit, str]]:
    """The limits that hold for a call, each with the name that is counted."""
    for scope, name in ((STUDIO, ""), (STYLE, style), (PERSON, person)):
        own = _newest(connection, scope, name, currency)
        if own is None or own.amount is None:
            own = _newest(connection, scope, EACH, currency) if name else None
        if own is not None and own.amount is not None:
            yield own, name


def _used(connection: Connection, limit: Limit, name: str, now: datetime) -> int:
    """What calls of this month count against a limit, in micro-units."""
    c = charges.c
    where = [c.month == month_of(now), c.currency == limit.currency, c.source == "call"]
    if limit.scope == STYLE:
        where.append(c.style == name)
    elif limit.scope == PERSON:
        where.append(c.person == name)
    query = sa.select(sa.func.sum(counted(stamp(now)))).where(*where)
    return int(connection.execute(query).scalar() or 0)


def _newest(connection: Connection, scope: str, name: str, currency: str) -> Limit | None:
    c = spending_limits.c
    query = (
        sa.select(spending_limits)
        .where(c.scope == scope, c.name == name, c.currency == currency)
        .order_by(c.revision.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _limit(row) if row else None


def _limit(row: Row[Any]) -> Limit:
    return Limit(**row._mapping)


def named(engine: Engine, scope: str, written: str, *, by: str) -> str:
    """The name that a limit is kept under, of a person as the list of people has it. StudioError
    where it is none, or nobody's: nothing would ever count against it. Where nobody signs in
    anybody's name will do, and any style's: it may have its limit before its first version."""
    check(by, RIGHT)
    name = " ".join(cleaned(written).split())
    if scope == STUDIO:
        if name:
            raise StudioError(f"The limit for all has the name {name[:40]!r}.", "Leave it empty.")
    elif not 1 <= len(name) <= NAME:
        raise StudioError(
            f"The limit is for a {scope} without a name.",
            f"Name the {scope}, or {EACH} for each that has none of its own.",
        )
    if scope == PERSON and name != EACH and isinstance(by, Actor):
        with engine.connect() as connection:
            return named_in(connection, name).name
    return name


def _of(scope: str, name: str) -> str:
    if scope == STUDIO:
        return "all calls"
    return f"each {scope}" if name == EACH else f"{scope} {name}"


def _said(limit: Limit | None, currency: str) -> str:
    if limit is None or limit.amount is None:
        return "no limit"
    return str(Money(limit.amount, currency))


def _left(left: int, currency: str) -> str:
    if left > 0:
        return f"{Money(left, currency)} is left"
    return f"nothing is left ({Money(-left, currency)} beyond it)" if left else "nothing is left"
