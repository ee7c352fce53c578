"""One call of a provider, paid once: reserved, noted as sent, posted, and its answer kept.

Called again with the same key, by a job's next attempt after a kill say, it goes on where it was
and posts nothing a second time. Where an attempt before posted, and nobody knows what came of it,
the provider is asked by our own token. What it does not know either stays unconfirmed: a person
decides, and whoever wants it all the same asks for a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from studio.charges import calls
from studio.charges.calls import Meant
from studio.charges.charge import Charge, get
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.masking import masked

TRIES = 3  # at reserving: an estimate may be released before it is noted as sent


@dataclass(frozen=True)
class Answer:
    """What a provider says of a call that it took: its own number for it, and what it cost, None
    while that is not known."""

    reference: str
    cost: Money | None = None


class NotTaken(Exception):
    """The call did for certain not arrive, or the provider answered that it does nothing; it costs
    nothing."""


class Provider(Protocol):
    """Who takes calls for money. Both are given our token, which is sent along with the call."""

    def post(self, token: str) -> Answer:
        """Make the call. NotTaken where it is certain that it costs nothing; any other exception
        leaves open whether it arrived."""

    def find(self, token: str) -> Answer | None:
        """Look the call up by its token; None where the provider knows none. Costs nothing."""


class Unconfirmed(StudioError):
    """A call's answer was lost, and the provider does not find it: it may cost its estimate."""

    def __init__(self, charge: Charge) -> None:
        self.charge = charge
        super().__init__(
            f"Whether {charge.provider} took “{charge.what}” is not known: it may cost "
            f"{charge.amount} (charge {charge.id}). It is not sent again by itself.",
            f"Look for {charge.token} on {charge.provider}'s own pages. A producer settles it on "
            "the page Costs, then ask for it anew.",
        )


def once(
    engine: Engine,
    meant: Meant,
    quote: Quote,
    provider: Provider,
    now: Callable[[], datetime],
) -> Charge:
    """The call's charge once it was made: accepted, done, failed, or settled by a person. At most
    one post is made under `meant.key`, by whomever and however often this is called.

    LimitReached where a limit leaves too little for the quote; nothing was posted then. Unconfirmed
    where the answer was lost. StudioError where the money can't be held until it is sent.
    """
    for _ in range(TRIES):
        charge = calls.reserve(engine, meant, quote, now=now())
        if charge.state == "estimated" and calls.send(engine, charge.id, now=now()):
            return _post(engine, charge, provider, now)
        charge = get(engine, charge.id)
        if charge.state in ("sent", "unconfirmed"):
            return look_up(engine, charge, provider, now)
        if charge.state not in ("estimated", "released"):
            return charge
    raise StudioError(
        f"“{charge.what}” was not sent: its money was released each time before that.",
        "Look whether all machines' clocks agree, then ask for it anew: nothing was paid.",
    )


def look_up(
    engine: Engine, charge: Charge, provider: Provider, now: Callable[[], datetime]
) -> Charge:
    """Look for a call whose answer was lost by its token. Unconfirmed where it is not found, or the
    provider can't say."""
    assert charge.token is not None
    try:
        answer = provider.find(charge.token)
    except Exception as error:
        lost = calls.lose(engine, charge.id, now=now(), note=_told(error))
        raise Unconfirmed(lost) from error
    if answer is None:
        note = f"{charge.provider} does not know it."
        raise Unconfirmed(calls.lose(engine, charge.id, now=now(), note=note))
    return _heard(engine, charge, answer, now)


def _post(
    engine: Engine, charge: Charge, provider: Provider, now: Callable[[], datetime]
) -> Charge:
    assert charge.token is not None
    try:
        answer = provider.post(charge.token)
    except NotTaken as error:
        nothing = Money(0, charge.currency)
        return calls.fail(engine, charge.id, nothing, now=now(), note=_told(error))
    except Exception as error:
        lost = calls.lose(engine, charge.id, now=now(), note=_told(error))
        raise Unconfirmed(lost) from error
    return _heard(engine, charge, answer, now)


def _heard(engine: Engine, charge: Charge, answer: Answer, now: Callable[[], datetime]) -> Charge:
    """The charge with what the provider said of it. Where that can't be counted, a cost in another
    currency say, it is unconfirmed at once, with those words: it was taken, and a person must
    look."""
    if answer.cost is None:
        return calls.accept(engine, charge.id, answer.reference, now=now())
    try:
        return calls.finish(engine, charge.id, answer.cost, now=now(), reference=answer.reference)
    except DatabaseAway:
        raise
    except StudioError as error:
        note = f"{charge.provider} took it as {answer.reference}: {error.message}"
        calls.lose(engine, charge.id, now=now(), note=masked(note))
        raise


def _told(error: Exception) -> str:
    return masked(f"{type(error).__name__}: {error}")
