"""A kind of job that costs: one call of the tests' shop, in its last step."""

from __future__ import annotations

from typing import Any

from studio.charges import calling
from studio.charges.calls import Meant
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.context import Studio, now
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Payload, Text
from tests.charges.shop import Shop

PRICE = Money(80_000, "EUR")


class Paying(Payload):
    """Have `what` made, for a style."""

    what: Text
    style: Text = ""


def shop(studio: Studio) -> Shop:
    """The one that the studio's jobs pay."""
    folder = studio.home / "shop"
    folder.mkdir(exist_ok=True)
    return Shop(folder, PRICE)


def costs(studio: Studio, ask: Paying) -> Quote:
    return Quote(PRICE)


def commit(context: Context, ask: Paying, outcome: Outcome) -> dict[str, Any]:
    studio, job = context.studio, context.job
    meant = Meant(f"job {job.id}", job.kind, ask.what, "shop", job.asked_by, ask.style, job=job.id)
    charge = calling.once(studio.engine, meant, costs(studio, ask), shop(studio), now)
    return {"charge": charge.id, "cost": charge.actual}


PAYING = Kind(
    name="paying",
    label="Having {what} made",
    payload=Paying,
    right="generate",
    lane="short",
    commit=commit,
    costs=costs,
)
