"""`recipe` on the command line: how what a style draws is finished."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import COUNT
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("recipe", recipe, "How what a style draws is finished: look at it, or set it")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="hard_alpha=yes, native=32, palette=NAME[@REVISION], colours=#112233,#445566, "
        "canvas=32x48, outline=add ...; may be repeated",
    )
    parser.add_argument(
        "--reset", action="store_true", help="let the recipe made of the dataset hold again"
    )
    parser.add_argument("--why", default="", metavar="REASON", help="of a change; it is kept")
    parser.add_argument(
        "--after", type=COUNT, metavar="REVISION", help="what you saw; unset: the newest"
    )
    parser.add_argument("--history", action="store_true", help="list every revision")


def recipe(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`recipe`."""
    from studio import context
    from studio.finishing import recipe_words, style_recipes
    from studio.finishing.recipe import PLAIN
    from studio.workflows import recipes

    studio, style, say = context.open_studio(settings), arguments.style, printer(arguments)
    if arguments.reset and arguments.set:
        raise StudioError("--reset and --set are given.", "Give the one or the other.")
    held = recipes.of_style(studio, style)
    if arguments.reset or arguments.set:
        typed = dict(_pair(one) for one in arguments.set)
        changed = recipe_words.changed(studio.engine, held.recipe or PLAIN, typed)
        style_recipes.save(
            studio.engine,
            style,
            None if arguments.reset else changed,
            after=held.revision if arguments.after is None else arguments.after,
            why=arguments.why,
            by=settings.user,
            now=context.now(),
        )
        held = recipes.of_style(studio, style)
    say(f"{style}: {held.origin}")
    for name, value in recipe_words.steps(held.recipe) if held.recipe else []:
        say(f"  {name:14} {value}")
    revisions = style_recipes.revisions(studio.engine, style)
    for one in revisions if arguments.history else []:
        say(f"revision {one.revision} by {one.by} on {one.at[:10]}: {one.why}")
    return {
        "style": style,
        "origin": held.origin,
        "revision": held.revision,
        "mark": held.recipe.mark if held.recipe else "",
        "recipe": asdict(held.recipe) if held.recipe else None,
        "revisions": [
            {"revision": one.revision, "by": one.by, "at": one.at, "why": one.why}
            for one in revisions
        ],
    }


def _pair(written: str) -> tuple[str, str]:
    key, sign, value = written.partition("=")
    if not sign:
        raise StudioError(f"{written[:80]!r} sets nothing.", "Write it as native=32.")
    return key.strip(), value
