"""`wish` on the command line: what is wanted for the game, as specifications to draw from."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import COUNT
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.workflows.wishes import Wish

MOST = 1_000  # wishes of one listing


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("wish", help="Wishes, expanded into specifications to draw from")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("expand", expand, "Make specifications of wishes", inner)
    parser.add_argument("wishes", nargs="*", metavar="WISH", help="such as: a healing potion")
    parser.add_argument("--file", type=Path, metavar="FILE", help="more wishes, one a line")
    parser.add_argument("--style", default="", metavar="STYLE", help="whose words it is told in")
    parser.add_argument("--variants", type=COUNT, default=1, metavar="N", help="of each wish (1)")
    parser.add_argument(
        "--by",
        choices=("chat", "rules"),
        default="",
        help="a language model, or rules; unset: the model where STUDIO_CHAT_URL is set",
    )
    own_job.job_options(parser)
    parser = command("list", list_wishes, "Wishes, the newest first", inner)
    parser.add_argument("--style", default="", metavar="STYLE")
    parser.add_argument("--by", default="", metavar="PERSON", help="who wished")
    parser.add_argument("--text", default="", metavar="WORDS", help="all of them must be there")
    parser.add_argument("--limit", type=COUNT, default=50, metavar="N", help=f"at most {MOST} (50)")
    parser = command("show", show, "A wish's specification, and what came of it", inner)
    _named(parser)
    parser = command("edit", edit, "Change fields of a wish: a new one, the old one stays", inner)
    _named(parser)
    parser.add_argument(
        "--set",
        action="append",
        required=True,
        metavar="FIELD=TEXT",
        help="expanded_prompt=..., materials=glass,gold; may be repeated",
    )


def expand(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`wish expand`. The exit code is 2 where a wish was left out; the others are expanded."""
    from studio import context
    from studio.generation import prompts
    from studio.worker.kinds import expand_wishes
    from studio.worker.payload import read
    from studio.workflows import wishes

    more = prompts.read_prompts(arguments.file) if arguments.file else []
    studio, say = context.open_studio(settings), printer(arguments)
    payload = {
        "wishes": [*arguments.wishes, *more],
        "style": arguments.style,
        "variants": arguments.variants,
        "by": arguments.by,
    }
    ask = expand_wishes.check(studio, read(expand_wishes.ExpandWishes, payload))
    if quote := expand_wishes.costs(studio, ask):
        say(f"{studio.settings.chat_name} expands: it may cost {quote.money} at most.")
    job = own_job.put_in(studio, expand_wishes.KIND.name, ask.model_dump(), arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    made = wishes.of_ids(studio.engine, told["wishes"])
    for one in made:
        say(f"{one.id}  {one.specification.expanded_prompt}")
    for one in told["left"]:
        say(f"“{one['wish']}”: {one['error']} {one['remedy']}".rstrip())
    answer = {"job": job.id, "by": told["by"], "wishes": _told(made), "left": told["left"]}
    return {**answer, "exit": 2} if told["left"] else answer


def list_wishes(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`wish list`."""
    from studio import context
    from studio.assets.search import Wanted
    from studio.workflows import wishes

    if not 1 <= arguments.limit <= MOST:
        raise StudioError(f"--limit is {arguments.limit}.", f"Give 1 to {MOST}.")
    engine, _ = context.open_records(settings)
    wanted = Wanted(style=arguments.style, by=arguments.by, text=arguments.text)
    found = wishes.listing(engine, wanted, arguments.limit)
    say = printer(arguments)
    for one in found:
        of = f"  {one.style}" if one.style else ""
        say(f"{one.id}  {one.at[:16]}  {one.person}{of}  {one.specification.original_prompt}")
    if not found:
        say("No wish yet. Expand one: python -m studio wish expand")
    return {"wishes": _told(found)}


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`wish show`."""
    from studio import context
    from studio.props import specification
    from studio.workflows import wishes

    studio = context.open_studio(settings)
    found = wishes.get(studio.engine, arguments.wish)
    trigger = wishes.trigger_word(studio, found.style, settings.user)
    came, say = wishes.came_of(studio.engine, found.id), printer(arguments)
    for name, value in specification.as_json(found.specification).items():
        say(f"{name:16} {', '.join(value) if isinstance(value, list) else value}")
    how = f"{found.by} ({found.model})" if found.model else found.by
    say(f"expanded by {how}, for {found.person} on {found.at[:16]}")
    prompt = specification.prompt(found.specification, trigger)
    say(f"prompt: {prompt}")
    for one in came:
        say(f"{one.kind:10} {one.id}  {one.at[:16]}  {one.name}")
    told = [{"id": one.id, "kind": one.kind, "at": one.at, "name": one.name} for one in came]
    return {**_one(found), "prompt": prompt, "trigger_word": trigger, "came": told}


def edit(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`wish edit`."""
    from studio import context
    from studio.workflows import wishes

    changes = dict(_pair(one) for one in arguments.set)
    engine, _ = context.open_records(settings)
    found = wishes.edit(engine, arguments.wish, changes, by=settings.user, now=context.now())
    printer(arguments)(f"{found.id}  {found.specification.expanded_prompt}")
    return _one(found)


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("wish", metavar="ID", help="of a wish: wish list has them")


def _pair(written: str) -> tuple[str, str]:
    name, sign, value = written.partition("=")
    if not sign:
        raise StudioError(f"{written[:80]!r} sets nothing.", "Write it as materials=glass,gold.")
    return name.strip(), value


def _told(found: list[Wish]) -> list[dict[str, Any]]:
    return [_one(one) for one in found]


def _one(found: Wish) -> dict[str, Any]:
    return {**asdict(found), "prompt": found.prompt}
