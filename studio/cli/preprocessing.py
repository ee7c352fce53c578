"""`dataset preprocessing`: how a dataset's pictures are shown to a model."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import COUNT
from studio.datasets import manifests
from studio.datasets.manifests import BEHIND, Look
from studio.settings import Settings

YES = {"yes": True, "no": False}
TILEABLE = {way or "no": way for way in manifests.TILEABLE}


def add(command: Command, inner: Any) -> None:
    """Add it to `dataset`'s commands; `command` makes one with what all take."""
    parser = command("preprocessing", change, "How pictures are shown to a model", inner)
    parser.add_argument("name", metavar="NAME")
    options(parser)


def options(parser: argparse.ArgumentParser) -> None:
    """What can be said of it; what is not said stays."""
    parser.add_argument("--matte", help="colour behind transparency (#808080)")
    parser.add_argument("--filter", help="of scaling: nearest (pixel art, default), box or lanczos")
    parser.add_argument("--size", type=COUNT, help="pixels a side; unset: the base's own")
    parser.add_argument(
        "--background",
        dest="behind",
        choices=BEHIND,
        help="what lies behind transparency: the matte (solid), a "
        "random colour each time, or the drawing's edge colours",
    )
    parser.add_argument(
        "--horizontal-flips",
        dest="mirror",
        choices=list(YES),
        help="whether a picture may be flipped: it is as good when mirrored (no)",
    )
    parser.add_argument(
        "--tileable",
        choices=list(TILEABLE),
        help="over which edges a picture goes on at its other side, so that a training rolls it "
        "(no)",
    )


def given(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was said, by the fields of Look."""
    values = {name: getattr(arguments, name) for name in ("matte", "filter", "size", "behind")}
    stated = {name: value for name, value in values.items() if value is not None}
    stated |= {"mirror": YES[arguments.mirror]} if arguments.mirror else {}
    return stated | ({"tileable": TILEABLE[arguments.tileable]} if arguments.tileable else {})


def for_import(settings: Settings, arguments: argparse.Namespace) -> Look | None:
    """What an import was asked with; what is not said stays as the newest version has it. None
    where nothing is said."""
    from studio.datasets.versions import list_versions

    stated = given(arguments)
    before = list_versions(settings.home, arguments.name)
    return replace(before[0].look if before else Look(), **stated) if stated else None


def change(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset preprocessing`: change what was said, and tell all of it as it is then."""
    from studio import context
    from studio.datasets import presentation, versions
    from studio.datasets.manifests import stored_look

    version = versions.load(settings.home, arguments.name)
    if stated := given(arguments):
        version = presentation.change(
            settings.home,
            arguments.name,
            version.look,
            replace(version.look, **stated),
            now=context.now(),
            actor=settings.user,
        )
    look = version.look
    behind = look.matte if look.behind == "solid" else look.behind
    size = f"{look.size} pixels a side" if look.size else "in the base's own size"
    printer(arguments)(
        f"{version.name}@{version.version}: background {behind}, scaled with {look.filter}, "
        f"{size}, horizontal flips {'allowed' if look.mirror else 'not allowed'}, "
        f"tileable {look.tileable or 'no'}."
    )
    return {
        "name": version.name,
        "version": version.version,
        "look": {
            "behind": look.behind,
            "mirror": look.mirror,
            "tileable": look.tileable,
            **stored_look(look),
        },
    }
