"""A question that is sent once for ever, however often its job is tried, and paid once where it
costs.

What the server answered, or that it refused, is on the disk before anything else is done with it.
So an attempt after a kill goes on from there. A chat server knows no call by our token, so where an
attempt was killed between sending and hearing the call stays unconfirmed: a person decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio.charges import calling, prices
from studio.charges.calling import Answer, NotTaken
from studio.charges.calls import Meant
from studio.charges.money import Money
from studio.charges.prices import PriceList, Quote
from studio.chat import endpoint
from studio.chat.endpoint import Away, Lost, Question, Refused, Said, Server
from studio.errors import StudioError
from studio.store.publish import publish

APART = (" input", " output")  # items of tokens that are read and written, where each has a price
AROUND = 16  # tokens that a message takes beside its text, and more than any server's
BY_TOKENS = ("1k tokens", "1M tokens")
REFUSED = "refused"  # the reference of a call that the server did not take


@dataclass(frozen=True)
class Till:
    """Who pays for calls, by which price list."""

    engine: Engine
    prices: str


@dataclass(frozen=True)
class Answered:
    """What the model said, and the charge, None where it costs nothing."""

    said: Said
    charge: int | None = None


def most(till: Till, server: Server, question: Question, now: datetime) -> Quote:
    """What one call may cost at most: every byte that is sent may be a token. StudioError where
    the price list has no price of the model."""
    held = prices.in_force(till.engine, till.prices, now)
    return _bound(held, server, question)


def quote(held: PriceList, model: str, read: int, written: int) -> Quote:
    """What so many tokens cost: each at its own price where the list has the items "MODEL input"
    and "MODEL output", else all alike at the model's, or by the call."""
    known = {one.item for one in held.prices}
    apart = [model + part for part in APART]
    if known.issuperset(apart):
        both = [held.quote(*one) for one in zip(apart, (read, written), strict=True)]
        total = Money(sum(one.money.micros for one in both), held.currency)
        return Quote(total, held.name, held.version, model, read + written)
    price = held.price(model)
    if price is not None and price.unit not in ("call", *BY_TOKENS):
        raise StudioError(
            f"The price list {held.name}@{held.version} prices {model[:80]!r} by the {price.unit}.",
            f"Price it by the call or by tokens ({', '.join(BY_TOKENS)}).",
        )
    return held.quote(model, 1 if price is not None and price.unit == "call" else read + written)


def ask(
    server: Server,
    question: Question,
    file: Path,
    till: Till | None,
    meant: Meant,
    now: Callable[[], datetime],
) -> Answered:
    """What the model says to a question. `file` keeps it, and is this call's own for ever, as is
    the key of what is `meant`; without a till it costs nothing.

    Away, Refused and Lost as of `endpoint.ask`; LimitReached and Unconfirmed as of `calling.once`.
    """
    if till is None:
        kept = _kept(file)
        return Answered(_or_raised(kept if kept is not None else _asked(server, question, file)))
    call = _Call(server, question, file, prices.in_force(till.engine, till.prices, now()))
    bound = most(till, server, question, now())
    charge = calling.once(till.engine, meant, bound, call, now)
    kept = _kept(file)
    if kept is not None:
        return Answered(_or_raised(kept), charge.id)
    if charge.state == "failed":
        raise Away(f"“{charge.what}” was not taken: {charge.note}.", endpoint.CHECK)
    raise Lost(
        f"What {charge.provider} answered to “{charge.what}” (charge {charge.id}) is gone.",
        "It lay in the job's folder, on the machine that asked. Ask for it anew; it costs again.",
    )


@dataclass(frozen=True)
class _Call:
    """One question as `calling.once` makes it."""

    server: Server
    question: Question
    file: Path
    prices: PriceList

    def post(self, token: str) -> Answer:
        try:
            kept = _asked(self.server, self.question, self.file, token)
        except Away as error:
            raise NotTaken(error.message) from error
        if isinstance(kept, Refused):
            raise NotTaken(kept.message)
        return self._answer(kept)

    def find(self, token: str) -> Answer | None:
        """By what an attempt before had heard; a chat server looks nothing up."""
        kept = _kept(self.file)
        if isinstance(kept, Refused):
            return Answer(REFUSED, Money(0, self.prices.currency))
        return self._answer(kept) if kept is not None else None

    def _answer(self, said: Said) -> Answer:
        """Where the server does not say how many tokens it took they count as at most."""
        if said.read is None or said.written is None:
            cost = _bound(self.prices, self.server, self.question)
        else:
            cost = quote(self.prices, self.server.name, said.read, said.written)
        return Answer(said.id or "answered", cost.money)


def _bound(held: PriceList, server: Server, question: Question) -> Quote:
    sent = sum(len(text.encode()) + AROUND for _, text in question.messages)
    sent += len(json.dumps(question.schema))
    return quote(held, server.name, sent, question.tokens)


def _asked(server: Server, question: Question, file: Path, token: str = "") -> Said | Refused:
    """What the server answered, kept; a refusal is an answer. Away and Lost are not kept."""
    try:
        said: Said | Refused = endpoint.ask(server, question, token)
    except Refused as error:
        said = error
    publish(file, json.dumps(_as_json(said)))
    return said


def _as_json(said: Said | Refused) -> dict[str, Any]:
    if isinstance(said, Said):
        return {"said": asdict(said)}
    told = ("message", "remedy", "status", "says", "wait")
    return {"refused": {name: getattr(said, name) for name in told}}


def _kept(file: Path) -> Said | Refused | None:
    """What was kept; None where nothing was, or half a file."""
    try:
        found = json.loads(file.read_text("utf-8"))
        return Said(**found["said"]) if "said" in found else Refused(**found["refused"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _or_raised(kept: Said | Refused) -> Said:
    if isinstance(kept, Refused):
        raise kept
    return kept
