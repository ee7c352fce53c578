"""`costs` on the command line: what producers set, enter and settle."""

from __future__ import annotations

import argparse
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import ID
from studio.errors import StudioError
from studio.settings import Settings

NO_LIMIT = "none"


def add(command: Command, inner: Any) -> None:
    """Add them to `costs`' own commands."""
    parser = command(
        "limit", limit, "Set what calls may cost in a month: in all, or for whom", inner
    )
    parser.add_argument("amount", metavar="AMOUNT", help=f"as 12.50, or {NO_LIMIT}")
    parser.add_argument("currency", metavar="CURRENCY", help="as EUR")
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--style", help="for a style; * for each without a limit of its own")
    whom.add_argument("--person", help="for a person; * as for styles")
    _why(parser)
    parser = command("set-prices", set_prices, "Keep a file as a price list's next version", inner)
    parser.add_argument("name", metavar="NAME", help="'own machines' for the hours of your own")
    parser.add_argument("file", metavar="FILE", help="lines as: hunyuan3d-2, call, 0.08")
    parser.add_argument("--currency", required=True, metavar="CURRENCY")
    parser.add_argument("--source", default="", metavar="TEXT", help="where the prices stand")
    parser.add_argument("--since", default="", metavar="YYYY-MM-DD", help="unset: from now on")
    _why(parser)
    parser = command("enter", enter, "Enter what was paid once, for no call", inner)
    parser.add_argument("amount", metavar="AMOUNT")
    parser.add_argument("currency", metavar="CURRENCY")
    parser.add_argument("--what", required=True, metavar="TEXT", help="what it was for")
    parser.add_argument("--style", default="", help="for which style")
    parser.add_argument("--month", default="", metavar="YYYY-MM", help="unset: this one")
    parser = command("withdraw", withdraw, "Take back what was entered by mistake", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    _why(parser)
    parser = command("settle", settle, "Say what an unconfirmed call did cost", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser.add_argument("amount", metavar="AMOUNT", help="0 where it never arrived")
    parser.add_argument(
        "--instead-of", default="", metavar="AMOUNT", help="what it was settled at by mistake"
    )
    _why(parser)


def _why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", required=True, metavar="TEXT", help="the reason, which is kept")


def limit(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs limit`."""
    from studio import context
    from studio.charges import currencies, limits, money

    engine, code, by = database(settings), currencies.checked(arguments.currency), settings.user
    scope, name = limits.STUDIO, ""
    if arguments.style is not None:
        scope, name = limits.STYLE, limits.named(engine, limits.STYLE, arguments.style, by=by)
    elif arguments.person is not None:
        scope, name = limits.PERSON, limits.named(engine, limits.PERSON, arguments.person, by=by)
    taken_away = arguments.amount == NO_LIMIT
    amount = None if taken_away else money.read(arguments.amount, code).micros
    before = limits.current(engine, scope, name, code)
    limits.save(
        engine,
        scope,
        name,
        code,
        amount,
        after=before.revision if before else 0,
        why=arguments.why,
        by=by,
        now=context.now(),
    )
    said = "no limit" if amount is None else str(money.Money(amount, code))
    printer(arguments)(f"{scope} {name or '(all)'}: {said} a month.")
    return {"scope": scope, "name": name, "currency": code, "amount": amount}


def set_prices(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs set-prices`."""
    from studio import context
    from studio.charges import currencies, price_text, prices
    from studio.text import decoding

    engine, code = database(settings), currencies.checked(arguments.currency)
    text = decoding.read_text(Path(arguments.file)).text
    held = prices.versions(engine, arguments.name)
    made = prices.save(
        engine,
        arguments.name,
        code,
        price_text.read(text, code),
        after=held[0].version if held else 0,
        since=_day(arguments.since),
        source=arguments.source,
        why=arguments.why,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{made.name}@{made.version}: {len(made.prices)} prices.")
    return asdict(made)


def enter(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs enter`."""
    from studio import context
    from studio.charges import by_hand, money

    made = by_hand.enter(
        database(settings),
        money.read(arguments.amount, arguments.currency),
        arguments.what,
        key=secrets.token_hex(8),
        month=arguments.month,
        style=arguments.style,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"Charge {made.id}: {made.amount} in {made.month}.")
    return asdict(made)


def withdraw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs withdraw`."""
    from studio import context
    from studio.charges import by_hand

    done = by_hand.withdraw(
        database(settings), arguments.id, why=arguments.why, by=settings.user, now=context.now()
    )
    printer(arguments)(f"Charge {done.id} is {done.state}.")
    return asdict(done)


def settle(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`costs settle`."""
    from studio import context
    from studio.charges import charge, money, settling

    engine = database(settings)
    found = charge.get(engine, arguments.id)
    wrong = arguments.instead_of
    done = settling.settle(
        engine,
        found.id,
        money.read(arguments.amount, found.currency),
        instead_of=money.read(wrong, found.currency) if wrong else None,
        why=arguments.why,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"Charge {done.id} is {done.state} at {done.amount}.")
    return asdict(done)


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise StudioError(f"{text[:40]!r} is no day.", "Write it as 2026-11-29.") from None
