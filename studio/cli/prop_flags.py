"""What `prop` is told of settings and edits: a flag for each that is usual, and `--set` for all."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from studio.cli.number_flags import number, whole
from studio.errors import StudioError

METHODS = ("card", "contour", "voxels", "relief", "planes")
PIVOTS = ("feet", "centre", "top", "corner")
AXES = ("x", "y", "z")
# Settings with a flag of their own: name, what it is read by, help.
PLAIN: tuple[tuple[str, Any, str], ...] = (
    ("depth", number(0, 10), "share of the height"),
    ("height_m", number(0.001, 1_000), "in metres"),
    ("bevel", number(0, 1), "of its edges"),
    ("back_colour", str, "#rrggbb, with --back colour"),
    ("normal_strength", number(0, 100), "of the normal map"),
)
CHOICES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("method", METHODS, "unset: as suits each picture"),
    ("back", ("mirrored", "colour", "picture"), "what its back shows"),
    ("pivot", PIVOTS, "where its origin is"),
    ("normal_y", ("up", "down"), "green of the normal map: up for Unity and Godot"),
)


def settings(parser: argparse.ArgumentParser) -> None:
    """The flags of settings."""
    for name, offered, says in CHOICES:
        parser.add_argument(_flag(name), dest=name, choices=offered, help=says)
    for name, read, says in PLAIN:
        parser.add_argument(_flag(name), dest=name, type=read, help=says)
    parser.add_argument(
        "--back-picture", metavar="FILE|ID", help="a picture for its back, with --back picture"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other setting (docs/props.md), its value as JSON or as it is",
    )
    parser.add_argument("--as", dest="like", metavar="ID", help="with the settings of a prop")


def given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that were said, as JSON; the back's picture is still as it was said."""
    found: dict[str, Any] = {}
    for word in arguments.set:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise StudioError(f"--set {word!r} sets nothing.", "Write NAME=VALUE.")
        found[name.strip()] = _value(value.strip())
    named = [name for name, *_ in (*CHOICES, *PLAIN)]
    said = {name: one for name in named if (one := getattr(arguments, name)) is not None}
    if arguments.back_picture:
        said |= {"back": "picture", "back_picture": arguments.back_picture}
    return {**found, **said}


def edits(parser: argparse.ArgumentParser) -> None:
    """The flags of edits, which are made in the order in which they are given."""

    def add(flag: str, edit: str, value: str, read: Any, metavar: str, says: str) -> None:
        parser.add_argument(
            flag,
            action=_Edit,
            dest="edits",
            default=[],
            const=(edit, value),
            type=read,
            metavar=metavar,
            help=says,
        )

    add("--scale", "scale", "height_m", number(0.001, 1_000), "METRES", "so high")
    add("--to-pivot", "pivot", "where", str, "WHERE", "set its origin: " + ", ".join(PIVOTS))
    add("--turn", "turn", "", _turn, "AXIS=DEGREES", "about an axis, as y=90")
    add("--thickness", "thickness", "share", number(0.001, 10), "SHARE", "its depth by its height")
    add("--decimate", "decimate", "triangles", whole(4, 5_000_000), "N", "to so many triangles")
    add("--texture", "texture", "picture", str, "FILE|ID", "a picture for its texture")


class _Edit(argparse.Action):
    """Puts an edit behind those that were said before it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        edit, name = self.const
        told = {"edit": edit, **({name: values} if name else dict(_pairs(values)))}
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), told])


def _pairs(values: Any) -> dict[str, Any]:
    axis, degrees = values
    return {"axis": axis, "degrees": degrees}


def _turn(word: str) -> tuple[str, float]:
    axis, sign, degrees = word.partition("=")
    if not sign or axis not in AXES:
        raise argparse.ArgumentTypeError(f"{word!r} is no turn: write AXIS=DEGREES, as y=90")
    return axis, number(-360, 360)(degrees)


def _flag(name: str) -> str:
    return f"--{name.removesuffix('_m').replace('_', '-')}"


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
