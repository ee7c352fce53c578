"""Adapters on the command line: LoRA files for and from other programs, merged and compared."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
from pathlib import Path
from typing import Any

from studio import numbers
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import ID, whole
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("adapter", help="LoRA files for and from other programs")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    command("list", listing, "Every adapter, and what uses it", inner)
    parser = command(
        "import", bring_in, "Check a LoRA file and make it a candidate of a style", inner
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a .safetensors file, or a folder of peft's"
    )
    parser.add_argument("--style", required=True)
    parser.add_argument("--base", required=True, help="pocket, a folder, a file or a Hub id")
    parser.add_argument("--source", required=True, help="where the file is from")
    parser.add_argument("--licence", required=True)
    parser.add_argument("--author", default="")
    parser.add_argument("--trigger-word", default="")
    parser = command("export", export, "Write a version's LoRA to a file", inner)
    _version(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--layout",
        choices=("kohya", "diffusers"),
        default="kohya",
        help="kohya: for ComfyUI, A1111 and sd-scripts",
    )
    parser = command(
        "merge", merge, "Merge adapters of one base, weighted, into a new candidate", inner
    )
    parser.add_argument("parts", nargs="+", metavar="STYLE:VERSION[:WEIGHT]")
    parser.add_argument("--style", required=True, help="that the result becomes a version of")
    parser.add_argument("--trigger-word", default="")
    parser.add_argument(
        "--rank", type=whole(1, 1024), help="cut to this rank; unset: exact, ranks add up"
    )
    parser = command("compare", compare, "How alike two adapters act, block by block", inner)
    parser.add_argument("left", metavar="STYLE:VERSION")
    parser.add_argument("right", metavar="STYLE:VERSION")
    parser = command("label", label, "Put labels on a version", inner)
    _version(parser)
    parser.add_argument("labels", metavar="LABELS", help="with commas between")
    parser = command("delete", delete, "Delete a version that nothing uses", inner)
    _version(parser)
    parser.add_argument("--why", required=True, metavar="TEXT")


def _version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("version", type=ID, metavar="VERSION")


def _part(text: str) -> Any:
    from studio.workflows.new_adapters import Part

    words = text.split(":")
    version = numbers.counted(words[1]) if len(words) in (2, 3) else None
    if version is None:
        raise StudioError(f"{text[:80]!r} names no adapter.", "Write STYLE:VERSION:WEIGHT.")
    weight = numbers.number("weight", words[2], -100, 100) if len(words) == 3 else 1.0
    return Part(words[0], version, weight)


def listing(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter list`."""
    from studio import context
    from studio.registry import models
    from studio.workflows import adapters
    from studio.workflows.model_kinds import table
    from studio.workflows.version_loading import as_record

    studio = context.open_studio(settings)
    rows = []
    for style in models.styles(studio.client):
        needed = adapters.used(studio, style)
        for version in models.list_versions(studio.client, style):
            if not table.is_adapter(version):
                continue
            uses = needed.get(version.number, [])
            rows.append({**as_record(version), "used": uses})
            printer(arguments)(
                f"{version.style} v{version.number}  {version.tags.get('base_name', '')}  "
                f"rank {version.params.get('rank', '?')}  {'; '.join(uses) or 'used by nothing'}"
            )
    return {"adapters": rows}


def bring_in(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter import`."""
    from studio import context
    from studio.workflows import new_adapters
    from studio.workflows.version_loading import NOTES, as_record

    made = new_adapters.bring_in(
        context.open_studio(settings),
        arguments.file,
        style=arguments.style,
        base=arguments.base,
        source=arguments.source,
        licence=arguments.licence,
        author=arguments.author,
        trigger_word=arguments.trigger_word,
        by=settings.user,
    )
    say = printer(arguments)
    say(f"{made.style} version {made.number} is a candidate.")
    if said := made.tags.get(NOTES):
        say(said)
    return as_record(made)


def export(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter export`."""
    from studio import context
    from studio.registry import models
    from studio.workflows import adapters

    studio = context.open_studio(settings)
    version = models.get(studio.client, arguments.style, arguments.version)
    kohya = arguments.layout == "kohya"
    made = adapters.in_kohya if kohya else adapters.in_diffusers
    file = made(studio, version)
    try:
        shutil.copyfile(file, arguments.file)
    except OSError as error:
        raise StudioError(
            f"{arguments.file} could not be written: {error.strerror}", "Give another place."
        ) from error
    printer(arguments)(str(arguments.file))
    return {"file": str(arguments.file), "layout": arguments.layout}


def merge(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter merge`."""
    from studio import context
    from studio.workflows import new_adapters
    from studio.workflows.version_loading import as_record

    made = new_adapters.merge(
        context.open_studio(settings),
        [_part(text) for text in arguments.parts],
        style=arguments.style,
        trigger_word=arguments.trigger_word,
        rank=arguments.rank,
        by=settings.user,
    )
    printer(arguments)(f"{made.style} version {made.number} is a candidate.")
    return as_record(made)


def compare(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter compare`."""
    from studio import context
    from studio.registry import models
    from studio.workflows import adapters

    studio = context.open_studio(settings)
    parts = _part(arguments.left), _part(arguments.right)
    rows = adapters.compare(studio, *(models.get(studio.client, p.style, p.version) for p in parts))
    say = printer(arguments)
    say(f"{'block':10}{arguments.left:>16}{arguments.right:>16}{'cosine':>10}")
    for row in rows:
        say(f"{row.block:10}{row.left:16.4f}{row.right:16.4f}{row.cosine:10.4f}")
    return {"blocks": [dataclasses.asdict(row) for row in rows]}


def label(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter label`."""
    from studio import context
    from studio.registry import imported_adapters, models

    studio = context.open_studio(settings)
    version = models.get(studio.client, arguments.style, arguments.version)
    kept = imported_adapters.label(
        studio.engine,
        studio.client,
        version,
        arguments.labels,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(", ".join(kept) or "no labels")
    return {"labels": kept}


def delete(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`adapter delete`."""
    from studio import context
    from studio.workflows import adapters

    studio = context.open_studio(settings)
    style, number = arguments.style, arguments.version
    adapters.delete(studio, style, number, by=settings.user, why=arguments.why)
    printer(arguments)(f"{style} version {number} is deleted.")
    return {"style": style, "version": number}
