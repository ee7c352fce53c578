"""What a call of a provider may cost by its price list, and what it did cost.

The list has the provider's name. A model's own price is for a call, or for the time that it takes;
without one the price of a "credit" counts, where the provider says how many a call took, and then
that of "*".
"""

from __future__ import annotations

from sqlalchemy import Engine

from studio.charges import prices
from studio.charges.charge import Charge
from studio.charges.money import Money
from studio.charges.prices import TIMES, PriceList, Quote
from studio.props.providers.seen import Seen
from studio.props.providers.shapes import Offer, Provider

CREDIT = "credit"  # the item that is one credit of the provider's, by the call


def estimate(found: PriceList, offer: Offer) -> Quote:
    """The most that a call of this model costs. StudioError where the list has no price of it."""
    own = {one.item: one for one in found.prices}
    if offer.name not in own and CREDIT in own and offer.credits:
        return found.quote(CREDIT, offer.credits)
    price = found.price(offer.name)
    timed = price is not None and price.unit in TIMES
    return found.quote(offer.name, offer.seconds * 1_000 if timed else 1)


def actual(
    engine: Engine, charge: Charge, provider: Provider, offer: Offer, seen: Seen
) -> tuple[Money, int] | None:
    """What a call did cost that has ended, by the prices that it was estimated by, and how many of
    what is counted; None where nobody can tell, and a person settles it by the provider's bill."""
    found = _prices(engine, charge)
    if charge.item == CREDIT:
        if seen.credits is not None and found is not None:
            return found.quote(CREDIT, seen.credits).money, seen.credits
        return _free(charge, provider, seen)
    price = found.price(charge.item) if found is not None else None
    if found is not None and price is not None and price.unit in TIMES:
        if seen.seconds is not None:
            took = round(seen.seconds * 1_000)
            return found.quote(charge.item, took).money, took
        return _free(charge, provider, seen)
    if seen.state == "done":
        return Money(charge.estimate, charge.currency), charge.quantity
    return _free(charge, provider, seen)


def _free(charge: Charge, provider: Provider, seen: Seen) -> tuple[Money, int] | None:
    """Nothing, where the documents say that what failed costs nothing."""
    if seen.state != "done" and provider.failures == "nothing":
        return Money(0, charge.currency), 0
    return None


def _prices(engine: Engine, charge: Charge) -> PriceList | None:
    """The version of the list that the charge was estimated by."""
    for one in prices.versions(engine, charge.price_list):
        if one.version == charge.price_version:
            return one
    return None
