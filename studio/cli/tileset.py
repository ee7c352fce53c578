"""`tileset` on the command line: two terrains become tiles for an engine, sets are exported."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from studio.tiles.kept import Source
    from studio.tiles.settings import Settings as TileSettings

OWN = "own"  # in place of a palette's name
LENGTHS = ("overhang", "face", "outline", "shadow", "shore")


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    from studio.tiles import exports, settings

    parser = command("tileset", tileset, "Two terrains as a tileset for Tiled, Godot or any engine")
    parser.add_argument("--inner", metavar="FILE|ID", help="the upper terrain: a file or a picture")
    parser.add_argument("--outer", metavar="FILE|ID", help="the lower terrain")
    parser.add_argument(
        "--of", default="", metavar="SET", help="a kept tileset, by its id, instead"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--set", choices=settings.SETS, default="wang", help="which tiles (wang)")
    parser.add_argument(
        "--size",
        type=whole(settings.LEAST, settings.MOST),
        default=32,
        help="pixels a side, a multiple of 4 (32)",
    )
    parser.add_argument("--seed", type=whole(0, 2**63 - 1), default=0)
    parser.add_argument(
        "--variants", type=whole(*settings.VARIANTS), default=settings.VARIANTS[0], help="(3)"
    )
    parser.add_argument(
        "--edge", choices=settings.EDGES, default="blades", help="form of the rim (blades)"
    )
    for name in LENGTHS:
        parser.add_argument(
            f"--{name}", type=whole(0, settings.MOST // 4), help="pixels; unset: as suits the size"
        )
    parser.add_argument("--outline-colour", default="", metavar="#RRGGBB")
    parser.add_argument("--no-highlight", action="store_true", help="no light on the rim")
    parser.add_argument(
        "--palette",
        default="",
        metavar="NAME",
        help="one of the studio's (props@3), or own: the terrains'; unset: their style's",
    )
    parser.add_argument(
        "--colours", default="", metavar="CODES", help="another palette: #rrggbb,#rrggbb,..."
    )
    parser.add_argument("--dither", choices=settings.DITHERS, default="none", help="(none)")
    parser.add_argument(
        "--fix",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a quarter-tile that was painted over (ne-convex-1=file.png); fixes all its tiles",
    )
    parser.add_argument(
        "--format",
        default=",".join(exports.FORMATS),
        help="some of these, with commas between (all)",
    )
    parser.add_argument("--spacing", type=whole(0, 32), default=0, help="pixels between tiles (0)")
    parser.add_argument("--margin", type=whole(0, 32), default=0, help="pixels around them (0)")


def tileset(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tileset`."""
    from studio import context, images
    from studio.store.publish import publish
    from studio.tiles import exports, kept, sheets
    from studio.workflows import labelling

    formats = exports.checked([one.strip() for one in arguments.format.split(",") if one.strip()])
    between = sheets.gaps(arguments.spacing, arguments.margin)
    engine, home, now = context.open_records(settings)[0], settings.home, context.now()
    if arguments.of and (arguments.inner or arguments.outer):
        raise StudioError(
            "--of names a set that has its terrains.", "Leave --inner and --outer out."
        )
    if arguments.of:
        id = arguments.of
    else:
        inner, outer = (
            _source(engine, home, getattr(arguments, name), name) for name in ("inner", "outer")
        )
        asked = _coloured(settings, engine, arguments, inner, outer)
        id = kept.make(engine, home, inner, outer, asked, by=settings.user, now=now)
    if arguments.fix:
        painted = {}
        for one in arguments.fix:
            name, _, file = one.partition("=")
            painted[name] = images.open_picture(Path(file))
        id = kept.fix(engine, home, id, painted, by=settings.user, now=now)
    found = kept.get(engine, home, id)
    made = exports.files(found.tileset, found.asset.name, between, formats)
    written = labelling.labelled_files(engine, id, made)
    say = printer(arguments)
    for note in found.tileset.notes:
        say(note)
    for name, data in written.items():
        publish(arguments.out / name, data, flush=False)
        say(str(arguments.out / name))
    say(f"Tileset {id}: {len(found.tileset.tiles)} tiles")
    return {
        "id": id,
        "tiles": len(found.tileset.tiles),
        "files": [str(arguments.out / name) for name in written],
        "notes": list(found.tileset.notes),
    }


def _source(engine: Engine, home: Path, said: str | None, which: str) -> Source:
    """The file, or else the gallery's picture, of that name."""
    from studio import images
    from studio.tiles import kept

    if not said:
        raise StudioError(
            f"The {which} terrain is missing.", f"Give --{which} a file or a picture's id."
        )
    file = Path(said)
    if file.exists() or file.suffix:
        return kept.Source(images.open_picture(file), file.stem[:60])
    return kept.of_asset(engine, home, said)


def _coloured(
    settings: Settings,
    engine: Engine,
    arguments: argparse.Namespace,
    inner: Source,
    outer: Source,
) -> TileSettings:
    """What is asked, held to the palette that is named, else to the terrains' style's."""
    from studio import context
    from studio.finishing import palettes
    from studio.workflows import tile_palettes

    asked = _asked(arguments, inner.name, outer.name)
    if asked.colours or arguments.palette == OWN:
        return asked
    if arguments.palette:
        return replace(asked, colours=palettes.named(engine, arguments.palette).colours)
    if not (inner.style or outer.style):
        return asked
    studio = context.open_studio(settings)
    colours, line = tile_palettes.of_terrains(studio, inner, outer)
    return replace(asked, colours=colours, outline_colour=asked.outline_colour or line)


def _asked(arguments: argparse.Namespace, inner: str, outer: str) -> TileSettings:
    from studio.tiles.settings import checked, usual

    colours = tuple(one.strip() for one in arguments.colours.split(",") if one.strip())
    suited = usual(
        arguments.size,
        kind=arguments.set,
        seed=arguments.seed,
        variants=arguments.variants,
        edge=arguments.edge,
        outline_colour=arguments.outline_colour,
        highlight=not arguments.no_highlight,
        colours=colours,
        dither=arguments.dither,
        inner=inner,
        outer=outer,
    )
    given = {name: getattr(arguments, name) for name in LENGTHS}
    return checked(replace(suited, **{name: n for name, n in given.items() if n is not None}))
