"""The studio without a browser: `python -m studio COMMAND --help`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, say
from studio.errors import StudioError
from studio.settings import TABLE, Settings, load_settings

if TYPE_CHECKING:
    from studio.datasets.manifests import Look


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. 0: done, 2: a person can mend it, 130: interrupted."""
    from studio.accounts.rights import close_house
    from studio.cli.people import acting

    arguments = parser().parse_args(words)
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

        told = away(error)
        if told is None:
            raise
        return _refused(told, arguments.json)
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
    from studio.cli import (
        adapters,
        backup,
        bases,
        jobs,
        mlflow,
        people,
        pocket,
        preprocessing,
        queue,
        release,
        requests,
        sweep,
        withdraw,
    )

    settings = "\n".join(f"  {row.name:22}{row.help}" for row in TABLE)
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
        made = into.add_parser(name, help=help, description=help)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="answer as JSON, for scripts")
        made.add_argument("--home", default="", help="folder of the studio (STUDIO_HOME)")
        made.add_argument("--user", default="", help="who is acting (STUDIO_USER)")
        return made

    dataset = commands.add_parser("dataset", help="Bring in pictures, list datasets")
    inner = dataset.add_subparsers(required=True, metavar="COMMAND")
    one = command("import", import_dataset, "Bring a folder of pictures in as a version", inner)
    one.add_argument("name", metavar="NAME")
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument("--source", default="", help="where the pictures come from")
    one.add_argument("--author", default="", help="who made them")
    one.add_argument("--licence", default="", help="under which licence")
    preprocessing.options(one)
    one = command("look", look_of, "How a dataset's pictures are shown to a model", inner)
    one.add_argument("name", metavar="NAME")
    preprocessing.options(one)
    command("list", list_datasets, "Every dataset and version", inner)

    one = command("train", train, "Train a LoRA of a style and register it as a candidate")
    one.add_argument("style", metavar="STYLE")
    queue.training_options(one)
    one.add_argument("--resume", action="store_true", help="go on with the unfinished training")
    one = command("evaluate", evaluate, "Draw a version's sheet and measure it")
    one.add_argument("style", metavar="STYLE")
    one.add_argument("version", type=int, metavar="VERSION")
    one.add_argument(
        "--against",
        default="",
        metavar="NAME[@VERSION]",
        help="what to compare with: held-out pictures of the style, or any others "
        "of it; unset: the version's own dataset",
    )
    one = command("generate", generate, "Draw with what is in production")
    one.add_argument("prompt", nargs="?", metavar="PROMPT", help="unset: an interactive session")
    one.add_argument("--style", required=True)
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--count", type=int, default=1)
    one.add_argument("--steps", type=int, default=20)
    one.add_argument("--guidance", type=float, default=4.0)
    one.add_argument("--strength", type=float, help="of the adapter; 0 switches it off")
    one.add_argument("--negative", default="")
    one.add_argument("--size", type=int, help="pixels a side; unset: as the version was trained")
    one.add_argument(
        "--out", type=Path, metavar="DIR", help="unset: generated/STYLE/vN in the studio's folder"
    )
    one.add_argument("--prompts-file", type=Path, metavar="FILE", help="one prompt a line")
    release.add(command, commands)
    requests.add(command, commands)
    adapters.add(command, commands)
    bases.add(command, commands)
    command("styles", styles, "Every style with its versions and stages")
    jobs.add(command, commands)
    queue.add(command, commands)
    sweep.add(command, commands)
    withdraw.add(command, commands)
    people.add(command, commands)
    backup.add(command)
    mlflow.add(command)
    command("serve", serve, "Start the studio's pages and MLflow")
    one = command("doctor", doctor, "What works here and what is missing")
    one.add_argument("--mend", action="store_true", help="settle where ledger and MLflow differ")
    command("first-run", first_run, "The main job on the bundled sample, once")
    pocket.add(command, commands)
    return top


def import_dataset(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset import`."""
    from studio import context
    from studio.datasets.folder_import import import_folder

    result = import_folder(
        settings.home,
        arguments.name,
        arguments.folder,
        look=_look(settings, arguments),
        source=arguments.source,
        author=arguments.author,
        licence=arguments.licence,
        now=context.now(),
        actor=settings.user,
    )
    told = say(arguments)
    version = result.version
    for refusal in result.refused:
        told(f"left out  {refusal.file}: {refusal.reason} {refusal.remedy}")
    for warning in result.warnings:
        told(f"mind      {warning}")
    told(
        f"{version.name}@{version.version}: {len(version.pictures)} pictures; "
        f"{len(result.new)} new, {len(result.changed)} changed, {len(result.gone)} gone."
    )
    return {
        "name": version.name,
        "version": version.version,
        "digest": version.digest,
        "pictures": len(version.pictures),
        "new": result.new,
        "changed": result.changed,
        "gone": result.gone,
        "refused": [dataclasses.asdict(r) for r in result.refused],
        "warnings": result.warnings,
    }


def _look(settings: Settings, arguments: argparse.Namespace) -> Look | None:
    """The look asked for; what is not said stays as the newest version has it."""
    from studio.cli import preprocessing
    from studio.datasets.manifests import Look
    from studio.datasets.versions import list_versions

    given = preprocessing.asked(arguments)
    before = list_versions(settings.home, arguments.name)
    return dataclasses.replace(before[0].look if before else Look(), **given) if given else None


def look_of(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset look`."""
    from studio.cli import preprocessing

    return preprocessing.change(settings, arguments, say(arguments))


def list_datasets(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset list`."""
    from studio.datasets.versions import list_versions

    found = list_versions(settings.home)
    for version in found:
        named = f"{version.name}@{version.version}"
        say(arguments)(f"{named}  {len(version.pictures):5} pictures  {version.created}")
    if not found:
        say(arguments)("No dataset yet. Begin with: python -m studio dataset import NAME DIR")
    rows = [
        {"name": v.name, "version": v.version, "pictures": len(v.pictures), "created": v.created}
        for v in found
    ]
    return {"datasets": rows}


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`train`."""
    from studio import context
    from studio.cli import queue
    from studio.training.config import load_config
    from studio.workflows import model_cards
    from studio.workflows.train import train_style
    from studio.workflows.version_loading import as_record

    config = load_config(arguments.preset, arguments.config, queue.flags(arguments.set))
    studio = context.open_studio(settings)
    version = train_style(
        studio,
        arguments.style,
        arguments.dataset,
        config,
        say(arguments),
        resume=arguments.resume,
    )
    model_cards.write(studio, version.style, version.number)
    return as_record(version)


def evaluate(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`evaluate`."""
    from studio import context
    from studio.workflows import model_cards
    from studio.workflows.evaluate import evaluate_version

    studio = context.open_studio(settings)
    found = evaluate_version(
        studio, arguments.style, arguments.version, say(arguments), arguments.against
    )
    model_cards.write(studio, arguments.style, arguments.version)
    told = say(arguments)
    told(f"{'':34}{'base':>10}{arguments.style + ' v' + str(arguments.version):>16}{'real':>10}")
    for name, value in found.items():
        if f"base_{name}" in found and not name.endswith(("_low", "_high")):
            real = found.get(f"real_{name}", math.nan)
            told(f"{name:34}{found[f'base_{name}']:10.4f}{value:16.4f}{real:10.4f}")
    folder = settings.home / "sheets" / arguments.style / str(arguments.version)
    told(f"sheet: {folder / 'sheet.png'}")
    return {"style": arguments.style, "version": arguments.version, "metrics": found}


def styles(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`styles`."""
    from studio import context
    from studio.registry import models
    from studio.workflows.version_loading import as_record

    found = models.list_versions(context.open_studio(settings).client)
    for version in found:
        say(arguments)(f"{version.style} v{version.number}  {version.stage:10}  {version.created}")
    if not found:
        say(arguments)("No style yet. Begin with: python -m studio train STYLE --dataset NAME")
    return {"versions": [as_record(v) for v in found]}


def generate(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`generate`: one prompt, a file of prompts, or a session."""
    from studio import context
    from studio.accounts.rights import check
    from studio.diffusion.sampling import Draw, check_draw
    from studio.generation import gallery_table, prompts, style_drawing
    from studio.workflows import release
    from studio.workflows.version_loading import generated, load_version

    check(settings.user, "generate")
    asked = check_draw(
        Draw(arguments.steps, arguments.guidance, arguments.negative, arguments.size)
    )
    if not 1 <= arguments.count <= 10_000:
        raise StudioError(f"count is {arguments.count}.", "Give 1 to 10000.")
    texts = prompts.read_prompts(arguments.prompts_file) if arguments.prompts_file else []
    if arguments.prompt is not None:
        if not arguments.prompt.strip():
            raise StudioError("The prompt is empty.", "Say what to draw.")
        texts.append(arguments.prompt)
    studio = context.open_studio(settings)
    version, _ = release.drawn_with(studio, arguments.style, settings.user)
    loaded = load_version(studio, version)
    strength = loaded.strength if arguments.strength is None else arguments.strength
    told = say(arguments)
    told(f"{version.style} version {version.number} on {loaded.base}")
    out = arguments.out or generated(studio, version)

    def draw(lines: list[str]) -> list[Path]:
        wishes = [
            style_drawing.Wish(text, arguments.seed + k)
            for text in lines
            for k in range(arguments.count)
        ]
        clock = context.Countdown(told)
        return style_drawing.draw(loaded, wishes, asked, strength, out, clock.at)

    files = draw(texts) if texts else []
    while not texts or not (arguments.prompt or arguments.prompts_file):
        try:
            line = input("prompt> ").strip()
        except EOFError:
            break
        if line == "quit":
            break
        if line:
            files += draw([line])
            told(str(files[-1]))
    for file in files if texts else []:
        told(str(file))
    gallery_table.take_up(studio.engine, studio.home, by=settings.user)
    return {"style": version.style, "version": version.number, "files": [str(f) for f in files]}


def serve(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`serve`."""
    from studio.operations.supervisor import serve as run

    return {"exit": run(settings, say(arguments))}


def doctor(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`doctor`."""
    from studio.operations.doctor import checks

    found = checks(settings, mend=arguments.mend)
    for check in found:
        say(arguments)(f"{'ok     ' if check.ok else 'MISSING'}  {check.name:10} {check.says}")
    return {
        "checks": [dataclasses.asdict(c) for c in found],
        "exit": 0 if all(c.ok or not c.needed for c in found) else 1,
    }


def first_run(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`first-run`."""
    from studio.operations.first_run import first_run as run

    return run(settings, say(arguments))
