"""`prop provider` on the command line: models by services for money, and how their calls are."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import ID, number
from studio.errors import StudioError
from studio.settings import PROP_PROVIDERS, Settings

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.props.providers.calls import Call

NEWEST = 50
SWITCHES = {"yes": True, "no": False, "true": True, "false": False}


def add(command: Command, commands: Any) -> None:
    """Add it to `prop`'s commands; `command` makes one with what all take."""
    inner = commands.add_parser(
        "provider", help="3D models by services for money: what there is, ask, how it goes"
    ).add_subparsers(required=True, metavar="COMMAND")
    command("list", listing, "Every provider with its models, their settings and prices", inner)
    parser = command("ask", ask, "Have a model made: says what it may cost, and asks once", inner)
    parser.add_argument("provider", choices=tuple(PROP_PROVIDERS), metavar="PROVIDER")
    parser.add_argument(
        "picture", nargs="?", default="", metavar="PICTURE", help="a file, or an id of the gallery"
    )
    parser.add_argument("--model", default="", metavar="NAME", help="unset: the provider's first")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="for models from words")
    parser.add_argument("--mesh", default="", metavar="PROP", help="the prop that gets a texture")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the model, as triangles=20000 or texture=no",
    )
    parser.add_argument("--matte", default="", metavar="COLOUR", help="behind the picture")
    parser.add_argument(
        "--height", type=number(0.001, 1_000), default=1.0, metavar="METRES", help="unset: 1"
    )
    parser.add_argument("--name", default="", metavar="NAME", help="what the prop is called")
    parser.add_argument(
        "--estimate", action="store_true", help="only say what it may cost, and ask nothing"
    )
    own_job.job_options(parser)
    parser = command("calls", show_calls, "The newest calls and how far they are", inner)
    parser.add_argument("--open", action="store_true", help="only those that have not ended")
    parser = command("fetch", fetch, "Look at a call again, without asking for it anew", inner)
    parser.add_argument("call", type=ID, metavar="CALL")
    parser.add_argument(
        "--as", default="", dest="reference", metavar="ID", help="the provider's number for it"
    )
    parser = command("cancel", cancel, "Have a call ended early, where the provider does", inner)
    parser.add_argument("call", type=ID, metavar="CALL")


def listing(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop provider list`."""
    from studio.props import own_models
    from studio.props.providers import access, tables

    say, found = printer(arguments), []
    for one in tables.PROVIDERS.values():
        has_key = access.has_key(settings, one)
        state = "ready" if has_key else f"no {access.setting_of(one)}"
        say(f"{one.name}  {one.label}: {state}; documents of {one.dated}, not tried")
        for offer in one.offers:
            names = ", ".join(parameter.name for parameter in offer.parameters) or "-"
            say(f"  {offer.name}  from {offer.makes}  {names}")
            if offer.notice:
                say(f"    {offer.notice}")
        found.append({"key": has_key, **asdict(one)})
    own = []
    for model in own_models.MODELS.values():
        hinders = own_models.missing(settings, model)
        say(f"{model.name}  {model.label}, on a GPU of one's own: {hinders or 'ready'}")
        say(f"    {model.licence}. {model.about}")
        own.append({"ready": not hinders, **asdict(model)})
    say(own_models.HUNYUAN)
    return {"providers": found, "own": own}


def ask(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop provider ask`."""
    from studio import context
    from studio.worker.kind_table import KINDS
    from studio.worker.payload import read
    from studio.workflows.provider_calls import MADE_BY, RIGHT

    if not arguments.estimate:
        from studio.accounts.rights import check

        check(settings.user, RIGHT)
    studio, say = context.open_studio(settings), printer(arguments)
    kind = KINDS[MADE_BY]
    payload = {
        "provider": arguments.provider,
        "model": arguments.model,
        "picture": _picture(studio, arguments.picture),
        "prompt": arguments.prompt,
        "mesh": arguments.mesh,
        "parameters": _parameters(arguments.set),
        "matte": arguments.matte,
        "height_m": arguments.height,
        "name": arguments.name,
    }
    quote = kind.costs(studio, read(kind.payload, payload)) if kind.costs else None
    if quote is None:  # each provider has its price
        raise StudioError("It has no price.", "Set one on the page Costs, under Prices.")
    say(f"It may cost {quote.money}, by {quote.price_list}@{quote.version}.")
    told = {"estimate": quote.money.micros, "currency": quote.money.currency}
    if arguments.estimate:
        return told
    job = own_job.put_in(studio, MADE_BY, payload, arguments)
    if arguments.detach:
        return {**told, **own_job.detached(studio, [job], arguments)}
    result = own_job.result_of(studio, job, arguments)
    say(
        f"Call {result['call']}. A watcher fetches what comes: python -m studio prop provider calls"
    )
    return {**told, **result}


def show_calls(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop provider calls`."""
    from studio.accounts.rights import check
    from studio.props.providers import calls

    check(settings.user, "look")
    states = calls.OPEN if arguments.open else ()
    found = calls.listing(database(settings), states=states, limit=NEWEST)
    for one in found:
        printer(arguments)(_line(one))
    if not found:
        printer(arguments)("There is no such call.")
    return {"calls": [asdict(one) for one in found]}


def fetch(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop provider fetch`. Looks once itself; the watcher goes on."""
    from studio import context
    from studio.workflows import provider_results

    studio = context.open_studio(settings)
    call = provider_results.fetch_again(
        studio, arguments.call, by=settings.user, reference=arguments.reference
    )
    if call.state == "known":
        call = provider_results.look(studio, call)
    printer(arguments)(_line(call))
    return {"call": asdict(call)}


def cancel(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop provider cancel`."""
    from studio import context
    from studio.workflows import provider_results

    studio = context.open_studio(settings)
    call = provider_results.cancel(studio, arguments.call, by=settings.user)
    printer(arguments)(
        f"Call {call.id} is asked to end; what it costs is {call.provider}'s to say."
    )
    return {"call": asdict(call)}


def _line(call: Call) -> str:
    known = f", there {call.reference}" if call.reference else ""
    prop = f", prop {call.asset}" if call.asset else ""
    note = f": {call.note}" if call.note else ""
    return (
        f"{call.id:5}  {call.made_at:.16}  {call.state:9}  {call.provider}  {call.what}, for "
        f"{call.person}{known}{prop}{note}"
    )


def _picture(studio: Studio, named: str) -> str:
    """What names the picture: a file of this machine is kept first."""
    from studio.workflows import upscale_sources

    file = Path(named)
    return upscale_sources.bring(studio, file).named if named and file.is_file() else named


def _parameters(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise StudioError(f"--set {one[:60]!r} has no value.", "Write it as triangles=20000.")
        found[name.strip()] = SWITCHES.get(value.strip().lower(), value.strip())
    return found
