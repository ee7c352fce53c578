"""The studio without a browser: `python -m studio COMMAND --help`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from studio import masking
from studio.accounts.rights import close_house
from studio.cli import (
    adapters,
    backup,
    bases,
    boards,
    character,
    controls,
    costs,
    dataset,
    evaluate,
    export,
    finish,
    gan,
    generate,
    jobs,
    lists,
    mcp,
    mlflow,
    operations,
    palette,
    people,
    picture_edit,
    pocket,
    prop,
    queue,
    recipe,
    release,
    report,
    requests,
    rollout,
    sheet,
    sizes,
    store,
    sweep,
    tileset,
    tokens,
    train,
    upscale,
    upscale_models,
    webhooks,
    wish,
    withdraw,
)
from studio.cli.actor import acting
from studio.cli.answer import Answer
from studio.cli.renamed import renamed
from studio.errors import StudioError
from studio.settings import TABLE, Settings, load_settings
from studio.store import private

# As --help lists them.
SUBJECTS = (
    dataset,
    train,
    gan,
    evaluate,
    finish,
    generate,
    upscale,
    picture_edit,
    wish,
    lists,
    tileset,
    prop,
    export,
    sheet,
    character,
    sizes,
    recipe,
    boards,
    palette,
    costs,
    report,
    release,
    rollout,
    requests,
    adapters,
    upscale_models,
    bases,
    controls,
    jobs,
    queue,
    sweep,
    withdraw,
    people,
    tokens,
    webhooks,
    operations,
    backup,
    store,
    mlflow,
    mcp,
    pocket,
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. 0: done, 2: a person can mend it, 130: interrupted."""
    private.keep_private()
    masking.in_logs()
    line, warnings = renamed(sys.argv[1:] if words is None else words)
    for warning in warnings:
        print(warning, file=sys.stderr)
    arguments = parser().parse_args(line)
    try:
        settings = load_settings(home=arguments.home)
        if arguments.user:
            settings = dataclasses.replace(settings, user=arguments.user)
        settings = acting(settings, arguments)
        answer = arguments.run(settings, arguments)
    except StudioError as error:
        return _refused(error, arguments.json)
    except KeyboardInterrupt:
        print("\nInterrupted; what was finished is kept.", file=sys.stderr)
        return 130
    except Exception as error:
        from studio.tracking.client import away

        refusal = away(error)
        if refusal is None:
            raise
        return _refused(refusal, arguments.json)
    finally:
        close_house(False)
    if arguments.json and answer is not None:
        print(json.dumps({"schema": 1, **answer}, default=str))
    return int((answer or {}).get("exit", 0))


def _refused(error: StudioError, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"schema": 1, "error": error.message, "remedy": error.remedy}))
    else:
        print(f"{error.message}\n{error.remedy}".strip(), file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    settings = "\n".join(f"  {row.name:24}{row.help}" for row in TABLE)
    top = argparse.ArgumentParser(
        prog="python -m studio",
        description="Housestyle: teach an image model your house style and ship it.",
        epilog=f"settings, from the environment or .env:\n{settings}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def command(
        name: str,
        run: Callable[[Settings, argparse.Namespace], Answer],
        help: str,
        into: Any = commands,
    ) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = into.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        added.add_argument("--json", action="store_true", help="answer as JSON, for scripts")
        added.add_argument("--home", default="", help="folder of the studio (STUDIO_HOME)")
        added.add_argument("--user", default="", help="who is acting (STUDIO_USER)")
        return added

    for subject in SUBJECTS:
        subject.add(command, commands)
    return top
