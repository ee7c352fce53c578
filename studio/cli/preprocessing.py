"""`dataset look`: how a dataset's pictures are shown to a model."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studio.datasets.manifests import BEHIND
from studio.settings import Settings

YES = {"yes": True, "no": False}


def options(into: argparse.ArgumentParser) -> None:
    """What can be said of a look; what is not said stays."""
    into.add_argument("--matte", help="colour behind transparency (#808080)")
    into.add_argument("--filter", help="nearest (pixel art, the default), box or lanczos")
    into.add_argument("--size", type=int, help="pixels a side; unset: the base's own")
    into.add_argument(
        "--behind",
        choices=BEHIND,
        help="what lies behind transparency: the matte (solid), a "
        "random colour each time, or the drawing's edge colours",
    )
    into.add_argument(
        "--mirror", choices=list(YES), help="whether a mirrored picture is as good as it is (no)"
    )


def asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was said, by the look's fields."""
    given = {n: getattr(arguments, n) for n in ("matte", "filter", "size", "behind")}
    said = {name: value for name, value in given.items() if value is not None}
    return said | ({"mirror": YES[arguments.mirror]} if arguments.mirror else {})


def change(
    settings: Settings, arguments: argparse.Namespace, told: Callable[[str], None]
) -> dict[str, Any]:
    """Change what was said, and tell the look as it is then."""
    from studio import context
    from studio.datasets import presentation, versions
    from studio.datasets.manifests import stored_look

    version = versions.load(settings.home, arguments.name)
    if said := asked(arguments):
        version = presentation.change(
            settings.home,
            arguments.name,
            version.look,
            replace(version.look, **said),
            now=context.now(),
            actor=settings.user,
        )
    look = version.look
    behind = look.matte if look.behind == "solid" else look.behind
    size = f"{look.size} pixels a side" if look.size else "in the base's own size"
    told(
        f"{version.name}@{version.version}: behind alpha {behind}, scaled with {look.filter}, "
        f"{size}, mirrored pictures {'allowed' if look.mirror else 'not allowed'}."
    )
    return {
        "name": version.name,
        "version": version.version,
        "look": {"behind": look.behind, "mirror": look.mirror, **stored_look(look)},
    }
