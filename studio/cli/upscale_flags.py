"""What `upscale` is told of size and settings: a flag for each setting."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import numbers
from studio.cli.number_flags import ID, number, whole
from studio.errors import StudioError
from studio.upscaling import sizes
from studio.upscaling.settings import LEAST_TILE, MOST_TILE

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.workflows.upscaling import Size

SIDE = sizes.MOST_SIDE  # pixels, the most of a result
# Settings that are texts, numbers and choices: name, what it is read by, help.
PLAIN: tuple[tuple[str, Any, str], ...] = (
    ("model", str, "an upscaling model by name (--list has them)"),
    (
        "tile",
        whole(LEAST_TILE, MOST_TILE),
        "side of a tile, a multiple of 8; unset: the base's own",
    ),
    ("overlap", whole(0, MOST_TILE // 2), "pixels that tiles overlap, at most half a tile"),
    ("drawn", whole(0, MOST_TILE), "side at which a tile is drawn; 0: as it is"),
    ("batch", whole(1, 64), "tiles that are drawn at once"),
    ("strength", number(0, 1), "how much of each tile may change (.35)"),
    ("steps", whole(1, 200), "of denoising (30)"),
    ("guidance", number(0, 50), "classifier-free (7)"),
    ("sampler", str, "unset: the base's"),
    ("seam_strength", number(0, 1), "of the seam pass"),
    ("feather", whole(0, 512), "pixels over which the seam pass fades (32)"),
    ("hold", number(0, 1), "keep source colours: 1 wholly, 0 not"),
    ("prompt", str, "what the picture shows; put into every tile's prompt"),
    ("negative", str, "what should not be there"),
    ("style", str, "draw in a style"),
    ("version", ID, "of the style; unset: the one that draws for you"),
    ("weight", number(-2, 2), "how strongly the style acts; unset: as it was measured"),
    ("base", str, "a bare base in place of a style"),
    ("controlnet", str, "a ControlNet by name; own: the practice base's"),
    ("control", number(0, 1.5), "how strongly the ControlNet acts (.6)"),
    ("control_start", number(0, 1), "from which share of the steps"),
    ("control_end", number(0, 1), "to which share of the steps"),
    ("reference_scale", number(0, 1.5), "how strongly the reference acts (.6)"),
    ("ip_adapter", str, "an IP-Adapter by name; unset: the first for the base"),
)
CHOICES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("method", ("nearest", "epx", "lanczos", "model", "diffusion"), "unset: as suits the picture"),
    ("first", ("lanczos", "nearest", "model"), "what enlarges before diffusion"),
    ("wrap", ("none", "x", "y", "xy"), "a texture that is tileable so"),
    ("alpha", ("kept", "drawn"), "whether the base draws transparency anew"),
)
SWITCHES = {
    "seam": "a second pass around the seams",
    "palette_lock": "only colours that the picture has",
}


def add(parser: argparse.ArgumentParser) -> None:
    """The flags."""
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--factor", type=number(0.01, 1_000), help="times as large")
    size.add_argument(
        "--size", metavar="SIZE", help="of the result: 1024 for both sides, or 1920x1080"
    )
    size.add_argument(
        "--long-side", type=whole(1, SIDE), metavar="N", help="of the result, in pixels"
    )
    parser.add_argument(
        "--settings", metavar="NAME", help="begin with settings that were saved under a name"
    )
    parser.add_argument("--save", metavar="NAME", help="only save these settings under a name")
    parser.add_argument(
        "--as", dest="like", metavar="ID", help="with the settings of an enlarged picture"
    )
    for name, read, says in PLAIN:
        meta = "TEXT" if read is str else "N"
        parser.add_argument(_flag(name), type=read, metavar=meta, help=says)
    for name, offered, says in CHOICES:
        parser.add_argument(_flag(name), choices=offered, help=says)
    for name, says in SWITCHES.items():
        action = argparse.BooleanOptionalAction
        parser.add_argument(_flag(name), action=action, help=says)
    parser.add_argument("--seed", type=whole(0, numbers.SEEDS - 1), help="unset: one is drawn")
    parser.add_argument(
        "--replace", action="store_true", help="a tile's own prompt in place of --prompt"
    )
    parser.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="STYLE:VERSION:STRENGTH",
        help="a further LoRA, up to four",
    )
    parser.add_argument(
        "--reference", metavar="PICTURE", help="a file or an id: tiles take after it (IP-Adapter)"
    )
    parser.add_argument(
        "--tile-prompt", action="append", default=[], metavar="KEY=TEXT", help="of one tile alone"
    )
    parser.add_argument(
        "--tile-negative", action="append", default=[], metavar="KEY=TEXT", help="the same"
    )
    parser.add_argument(
        "--region",
        action="append",
        default=[],
        metavar="X,Y,WIDTH,HEIGHT=TEXT",
        help="a part of the result with a prompt of its own",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=JSON",
        help="any setting, as a result's recipe has it",
    )
    parser.add_argument(
        "--again-of", type=ID, metavar="JOB", help="go on from the tiles of this job"
    )
    parser.add_argument(
        "--redo",
        action="append",
        default=[],
        metavar="KEY=SEED",
        help="with --again-of: draw this tile with another seed",
    )


def read(studio: Studio, arguments: argparse.Namespace) -> tuple[dict[str, Any], Size]:
    """Settings as JSON, of which any may be missing, and the size that is asked for."""
    from studio.workflows.upscaling import Size

    found = _begun(studio, arguments)
    names = (*(row[0] for row in PLAIN), *(row[0] for row in CHOICES), *SWITCHES, "seed")
    said = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    if said.get("wrap") == "none":
        said["wrap"] = ""
    if arguments.replace:
        said["append"] = False
    if arguments.adapter:
        said["adapters"] = [_adapter(one) for one in arguments.adapter]
    if arguments.reference:
        said["reference"] = _reference(studio, arguments.reference)
    if arguments.tile_prompt or arguments.tile_negative:
        said["tiles"] = _tiles(found.get("tiles") or [], arguments)
    if arguments.region:
        said["regions"] = [_region(one) for one in arguments.region]
    found |= said
    for one in arguments.set:
        name, value = _pair(one, "NAME=JSON")
        found[name] = _json(name, value)
    exact = None if arguments.size is None else _size(arguments.size)
    return found, Size(arguments.factor, arguments.long_side, exact)


def redo_of(arguments: argparse.Namespace) -> dict[str, int]:
    """The tiles that are drawn anew, each with its seed."""
    if arguments.redo and not arguments.again_of:
        raise StudioError("--redo needs --again-of.", "Say of which job the tiles are.")
    found = {}
    for one in arguments.redo:
        key, seed = _pair(one, "KEY=SEED")
        found[key] = numbers.seed(seed)
    return found


def _begun(studio: Studio, arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that others are said beside: saved ones, a result's, or a job's."""
    from studio.jobs import queue
    from studio.workflows import upscaling

    given = [one for one in ("settings", "like", "again_of") if getattr(arguments, one)]
    if len(given) > 1:
        raise StudioError(
            "--settings, --as and --again-of each say how.", "Give one of them alone."
        )
    if arguments.settings:
        return upscaling.kept_settings(studio, arguments.settings)
    if arguments.like:
        return upscaling.again(studio, arguments.like)
    if not arguments.again_of:
        return {}
    job = queue.get(studio.engine, arguments.again_of)
    told = job.payload.get("settings")
    if job.kind != "upscale" or not isinstance(told, Mapping):
        raise StudioError(f"Job {job.id} enlarged nothing.", "Name one that did: jobs list.")
    return dict(told)


def _size(written: str) -> tuple[int, int]:
    """A result's size: "1024" for both sides, or "1920x1080"."""
    parts = written.lower().replace("×", "x").split("x")
    if len(parts) > 2:
        raise StudioError(f"{written[:40]!r} is no size.", "Write it as 1920x1080.")
    width, height = parts[0], parts[-1]
    return numbers.whole("width", width, 1, SIDE), numbers.whole("height", height, 1, SIDE)


def _adapter(written: str) -> list[Any]:
    parts = written.split(":")
    if len(parts) != 3:
        raise StudioError(
            f"{written[:80]!r} is no further LoRA.", "Write it as STYLE:VERSION:STRENGTH."
        )
    version = numbers.whole("the version", parts[1], 1, numbers.HIGHEST_ID)
    return [parts[0], version, numbers.number("the strength", parts[2], -2, 2)]


def _reference(studio: Studio, named: str) -> str:
    """The kept picture that a file, or a picture of the gallery, becomes."""
    from studio import images
    from studio.generation import start_pictures
    from studio.workflows import upscale_sources

    file, by = Path(named), studio.settings.user
    path = file if file.is_file() else upscale_sources.source(studio, named).path
    return start_pictures.keep_picture(studio.home, images.open_picture(path), by=by)


def _tiles(before: list[Any], arguments: argparse.Namespace) -> list[dict[str, Any]]:
    held = {one["key"]: dict(one) for one in before if isinstance(one, Mapping)}
    for name, given in (("prompt", arguments.tile_prompt), ("negative", arguments.tile_negative)):
        for one in given:
            key, text = _pair(one, "KEY=TEXT")
            held.setdefault(key, {"key": key})[name] = text
    return list(held.values())


def _region(written: str) -> dict[str, Any]:
    place, text = _pair(written, "X,Y,WIDTH,HEIGHT=TEXT")
    parts = place.split(",")
    names = ("x", "y", "width", "height")
    if len(parts) != len(names):
        raise StudioError(f"{written[:80]!r} is no region.", "Write it as X,Y,WIDTH,HEIGHT=TEXT.")
    found: dict[str, Any] = {
        name: numbers.whole(f"the region's {name}", part, 0, SIDE)
        for name, part in zip(names, parts, strict=True)
    }
    return {**found, "prompt": text}


def _pair(written: str, form: str) -> tuple[str, str]:
    key, sign, value = written.partition("=")
    if not sign or not key.strip():
        raise StudioError(f"{written[:80]!r} sets nothing.", f"Write it as {form}.")
    return key.strip(), value


def _json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise StudioError(f"{name} is {value[:80]!r}, which is no JSON.", "Mend it.") from None


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
