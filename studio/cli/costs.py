"""`costs` on the command line: what was spent, on what, and the CSV of it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.accounts import rights
from studio.cli import costs_set
from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.settings import Settings

SEE = "see costs"
# As `studio.charges.report` has them, which the command line loads only where it is asked.
BY = ("month", "style", "kind", "person", "machine", "provider", "source")


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    costs = commands.add_parser("costs", help="What was spent, limits and prices")
    inner = costs.add_subparsers(required=True, metavar="COMMAND")
    parser = command(
        "show", show, "What was spent: in all, and what an approved picture cost", inner
    )
    _month(parser)
    parser.add_argument("--by", choices=BY, default="style", help="unset: style")
    parser = command("export", export, "Write every charge as CSV", inner)
    _month(parser)
    parser.add_argument("--out", required=True, metavar="FILE.csv")
    command(
        "unconfirmed",
        unconfirmed,
        "Calls whose answer or cost was lost, with what they may cost",
        inner,
    )
    command("limits", show_limits, "Every limit, and what is used of it this month", inner)
    parser = command("prices", show_prices, "The price lists, or every version of one", inner)
    parser.add_argument("name", nargs="?", default="", metavar="NAME")
    costs_set.add(command, inner)


def _month(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", default="", metavar="YYYY-MM", help="unset: all months")


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs show`."""
    from studio import context
    from studio.charges import report
    from studio.charges.money import Money, grouped
    from studio.workflows import spending

    engine, say, month = database(settings), printer(arguments), arguments.month
    asked: Any = {"by": settings.user, "now": context.now()}
    totals = report.totals(engine, arguments.by, month, **asked)
    for one in totals:
        beside = [
            f"{grouped(amount, one.currency)} {what}"
            for amount, what in ((one.open, "under way"), (one.unconfirmed, "unconfirmed"))
            if amount
        ]
        told = ", ".join([str(Money(one.spent, one.currency)), *beside])
        say(f"{one.name or '-':24}{told}  ({one.count})")
    if not totals:
        say("Nothing was spent.")
    pictures = spending.approved(engine, month, **asked)
    for each in pictures:
        if each.each is not None:
            price = Money(each.each, each.currency)
            say(f"An approved picture of {each.style} cost {price} ({each.approved} approved).")
    return {
        "month": month,
        "by": arguments.by,
        "totals": [asdict(one) for one in totals],
        "approved": [asdict(one) for one in pictures],
    }


def export(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs export`."""
    from studio.charges import report
    from studio.store.publish import publishing

    file, engine = Path(arguments.out), database(settings)
    rights.check(settings.user, SEE)
    with publishing(file) as aside, aside.open("w", encoding="utf-8", newline="") as opened:
        count = report.write_csv(engine, opened, arguments.month, by=settings.user)
    printer(arguments)(f"{count} charges in {file}.")
    return {"file": str(file), "charges": count}


def unconfirmed(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs unconfirmed`."""
    from studio import context
    from studio.charges import settling

    rights.check(settings.user, SEE)
    engine = database(settings)
    found = settling.unconfirmed(engine) + settling.without_cost(engine, context.now())
    for one in found:
        known = f"taken as {one.reference}, " if one.reference else ""
        printer(arguments)(
            f"{one.id:5}  {one.sent_at or '':.16}  {one.provider}  {one.what}, for {one.person}: "
            f"{known}may cost {one.amount}; its token there is {one.token}"
        )
    if not found:
        printer(arguments)("Every call is confirmed.")
    return {"charges": [asdict(one) for one in found]}


def show_limits(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs limits`."""
    from studio import context
    from studio.charges import limits
    from studio.charges.money import Money

    rights.check(settings.user, SEE)
    found = limits.standing(database(settings), context.now())
    for one in found:
        limit, whole = one.limit, Money(one.limit.amount or 0, one.limit.currency)
        used = "" if one.used is None else f", {Money(one.used, limit.currency)} used"
        printer(arguments)(f"{limit.scope:8}{limit.name or '(all)':24}{whole}{used}")
    if not found:
        printer(arguments)("No limit is set: no call that costs is made.")
    return {"limits": [{**asdict(one.limit), "used": one.used} for one in found]}


def show_prices(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs prices`."""
    from studio.charges import price_text, prices

    rights.check(settings.user, SEE)
    engine, say = database(settings), printer(arguments)
    found = prices.versions(engine, arguments.name) if arguments.name else prices.newest(engine)
    for one in found:
        say(f"{one.name}@{one.version}, {one.currency}, since {one.since[:10]}, by {one.by}")
        for line in price_text.written(one.prices, one.currency).splitlines():
            say(f"  {line}")
    if not found:
        say("No such price list.")
    return {"lists": [asdict(one) for one in found]}
