"""`sheet` on the command line: animation sheets made of frames, cut, shown and exported."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job, sheet_dataset, sheet_words
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio

# As `studio.sheets.effects` has them, which the command line loads only where it is asked.
BLENDS = ("straight", "premultiplied", "black")


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("sheet", help="Animation sheets: frames packed for engines")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("make", make, "Make a sheet of pictures, files, or one in motion", inner)
    parser.add_argument(
        "frames",
        nargs="+",
        metavar="FRAME",
        help="in order: a picture's id, a picture, .aseprite, GIF, APNG or WebP, or a sheet's JSON",
    )
    parser.add_argument("--motion", metavar="NAME", help="of one picture: hover, spin ...")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=N",
        help="a setting of the motion, such as frames=12",
    )
    parser.add_argument("--pad", action="store_true", help="pad frames of several sizes")
    _shared(parser)
    parser = command("cut", cut, "Make a sheet of the cells of a picture", inner)
    parser.add_argument("picture", metavar="PICTURE", help="a file, or a picture's id")
    parser.add_argument("--cell", metavar="WxH", help="pixels of a cell: 32x48")
    parser.add_argument("--columns", type=whole(1, 2000), metavar="N", help="with --rows, instead")
    parser.add_argument("--rows", type=whole(1, 2000), metavar="N")
    parser.add_argument("--spacing", type=whole(0, 4096), default=0, help="pixels between (0)")
    parser.add_argument("--margin", type=whole(0, 4096), default=0, help="pixels around them (0)")
    _shared(parser)
    parser = command("show", show, "One sheet: frames, tags, where each lies, its figures", inner)
    parser.add_argument("sheet", metavar="ID")
    parser = command("export", export, "A sheet as files for engines and editors", inner)
    parser.add_argument("sheet", metavar="ID")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--format",
        default="sheet,aseprite,texturepacker",
        metavar="FORMATS",
        help="with commas between: sheet, aseprite, aseprite_json, aseprite_array, "
        "texturepacker, apng, webp, gif, frames",
    )
    parser.add_argument("--name", default="", help="what the files are called")
    sheet_dataset.add(command, inner)


def _shared(parser: argparse.ArgumentParser) -> None:
    """What both ways to make a sheet take."""
    parser.add_argument("--name", default="", help="what it is called")
    parser.add_argument(
        "--duration", type=whole(1, 60_000), metavar="MS", help="how long each frame is shown (100)"
    )
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar=sheet_words.TAG,
        help="frames, counted from 1, that belong together; forward, reverse, pingpong, "
        "pingpong_reverse; how often, 0: without end",
    )
    parser.add_argument(
        "--slice",
        action="append",
        default=[],
        metavar=sheet_words.SLICE,
        help="a part of the canvas; borders are those of a nine-slice",
    )
    parser.add_argument("--pivot", metavar="X,Y", help="in pixels of the canvas; the feet")
    parser.add_argument("--way", choices=("grid", "maxrects"), help="of packing (maxrects)")
    parser.add_argument("--padding", type=whole(0, 64), help="pixels between frames (2)")
    parser.add_argument("--extrude", type=whole(0, 16), help="how often edges are repeated (1)")
    parser.add_argument("--no-trim", dest="trim", action="store_false", default=None)
    parser.add_argument("--no-merge", dest="merge", action="store_false", default=None)
    parser.add_argument("--power-of-two", action="store_true", default=None)
    parser.add_argument("--multiple-of-four", action="store_true", default=None)
    parser.add_argument(
        "--flipbook", action="store_true", help="for engines that divide by columns and rows"
    )
    parser.add_argument("--drawn", choices=BLENDS, help="how the frames are blended (straight)")
    parser.add_argument("--effect", choices=BLENDS, help="how the sheet is blended (straight)")
    parser.add_argument("--palette", default="", help="NAME, NAME@REVISION, or own")
    parser.add_argument("--style", default="", help="whose palette it has")
    parser.add_argument("--before", default="", metavar="ID", help="a sheet whose frames stay put")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a copy of its files, too")
    own_job.job_options(parser)


def make(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sheet make`."""
    from studio import context
    from studio.accounts.rights import check
    from studio.workflows.animations import RIGHT

    check(settings.user, RIGHT)
    studio = context.open_studio(settings)
    payload = _frames(studio, arguments)
    if arguments.motion:
        payload = {name: payload[name] for name in ("name", "frames") if name in payload}
        values: dict[str, Any] = dict(sheet_words.setting(one) for one in arguments.set)
        if arguments.duration is not None:
            values.setdefault("duration_ms", arguments.duration)
        payload["motion"] = {"motion": arguments.motion, **values}
    elif arguments.set:
        raise StudioError("--set needs --motion.", "Name one, or leave both out.")
    return _made(studio, {**payload, "pad": arguments.pad}, arguments)


def cut(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sheet cut`."""
    from studio import context, numbers
    from studio.accounts.rights import check
    from studio.workflows import animation_sources
    from studio.workflows.animations import RIGHT

    check(settings.user, RIGHT)
    how = {"spacing": arguments.spacing, "margin": arguments.margin}
    if arguments.cell:
        sides = sheet_words.some(arguments.cell, "x", 2, "--cell 32x48")
        width, height = (numbers.whole("A side of --cell", one, 1, 4096) for one in sides)
        how |= {"width": width, "height": height}
    how |= {
        name: given
        for name in ("columns", "rows")
        if (given := getattr(arguments, name)) is not None
    }
    studio = context.open_studio(settings)
    picture = _named(studio, arguments.picture)
    found, frames = animation_sources.cut_up(studio, picture, how)
    printer(arguments)(
        f"{found.columns} columns, {found.rows} rows; {found.empty} cells are empty."
    )
    return _made(studio, {"frames": frames}, arguments)


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sheet show`."""
    from studio import context
    from studio.sheets import effects, packing
    from studio.sheets import sheet as parts
    from studio.workflows import animation_files

    engine = context.open_records(settings)[0]
    kept = animation_files.get(engine, settings.home, arguments.sheet)
    animation, say = kept.animation, printer(arguments)
    width, height = kept.placed.image.size
    canvas = f"{animation.width} x {animation.height}"
    say(f"{kept.asset.name}: {len(animation.frames)} frames of {canvas}")
    say(f"  on {width} x {height}, filled {packing.fill(kept.placed):.1%}")
    book = effects.book_of(kept.placed)
    if book:
        cells = f"{book.columns} x {book.rows} cells of {book.width} x {book.height}"
        say(f"  {cells}, blended {animation_files.blend_of(kept.asset)}")
    pairs = zip(animation.frames, kept.placed.rects, strict=True)
    for place, (frame, rect) in enumerate(pairs, 1):
        say(f"  {place}: {frame.duration_ms} ms at {rect.x}, {rect.y} {frame.name}".rstrip())
    for tag in animation.tags:
        say(f"  {tag.name}: frames {tag.first + 1} to {tag.last + 1}, {tag.direction}")
    figures = kept.asset.recipe.get("figures")
    of = str(kept.asset.recipe.get("figures_of", ""))
    if figures:
        say(f"  figures{f' of {of}' if of else ''}: {json.dumps(figures)}")
    return {
        "id": kept.asset.id,
        **parts.to_json(animation),
        "placed": packing.to_json(kept.placed),
        "effect": animation_files.blend_of(kept.asset),
        "book": asdict(book) if book else None,
        "figures": figures,
    }


def export(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sheet export`."""
    from studio import context
    from studio.workflows import animation_files, labelling

    formats = [one.strip() for one in arguments.format.split(",") if one.strip()]
    animation_files.checked(formats)
    engine = context.open_records(settings)[0]
    kept = animation_files.get(engine, settings.home, arguments.sheet)
    made, remarks = animation_files.exported(kept, formats, arguments.name)
    found = labelling.labelled_files(engine, kept.asset.id, made)
    return {
        "id": kept.asset.id,
        "files": _written(found, arguments),
        "remarks": _told(remarks, arguments),
    }


def _made(studio: Studio, payload: dict[str, Any], arguments: argparse.Namespace) -> Answer:
    """The job, put in and waited for."""
    from studio.workflows import animation_files, labelling

    if arguments.detach and arguments.out:
        raise StudioError(
            "With --detach nobody is left to copy files to --out.",
            "Leave it out, and export the sheet later: python -m studio sheet export",
        )
    job = own_job.put_in(studio, "sheet", {**payload, **_given(arguments)}, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    files = [str(studio.home / told["file"])]
    if arguments.out:
        kept = animation_files.get(studio.engine, studio.home, told["sheet"])
        formats = ("sheet", "aseprite", "texturepacker")
        made, _ = animation_files.exported(kept, formats)
        found = labelling.labelled_files(studio.engine, kept.asset.id, made)
        files = _written(found, arguments)
    printer(arguments)(f"Sheet {told['sheet']}: {told['frames']} frames")
    return {**told, "job": job.id, "files": files}


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the flags say of the sheet; what they leave out stays as a file has it."""
    from studio.sheets import effects

    packing = {
        name: value
        for name in ("padding", "extrude", "trim", "merge", "power_of_two", "multiple_of_four")
        if (value := getattr(arguments, name)) is not None
    }
    if arguments.way:
        packing["way"] = arguments.way
    if arguments.flipbook:
        packing = {**asdict(effects.FLIPBOOK), **packing}
    told: dict[str, Any] = {"packing": packing}
    for name in ("name", "drawn", "effect", "palette", "style", "before"):
        if getattr(arguments, name):
            told[name] = getattr(arguments, name)
    if arguments.duration is not None:
        told["duration_ms"] = arguments.duration
    if arguments.tag:
        told["tags"] = [sheet_words.tag(one) for one in arguments.tag]
    if arguments.slice:
        told["slices"] = [sheet_words.slice_(one) for one in arguments.slice]
    if arguments.pivot:
        told["pivot"] = sheet_words.some(arguments.pivot, ",", 2, "--pivot 16,32")
    return told


def _frames(studio: Studio, arguments: argparse.Namespace) -> dict[str, Any]:
    """The frames of all that is named, one after the other, with their tags and slices; name and
    pivot are those of the first."""
    from studio.workflows import animation_sources

    parts = [_part(studio, named, arguments) for named in arguments.frames]
    told = reduce(animation_sources.joined, parts)
    if arguments.pad:
        told.pop("pivot", None)  # of a canvas that may grow
    frames = told["frames"]
    if arguments.duration is not None:
        frames = [
            {name: value for name, value in frame.items() if name != "duration_ms"}
            for frame in frames
        ]
    return {**told, "frames": frames}


def _part(studio: Studio, named: str, arguments: argparse.Namespace) -> dict[str, Any]:
    from studio import images
    from studio.workflows import animation_sources

    file = Path(named)
    if not file.is_file():
        return {"frames": [{"picture": named}]}
    if file.suffix.lower() not in animation_sources.SUFFIXES:
        return {"frames": [{"picture": _named(studio, named)}]}
    sheet = normals = None
    if file.suffix.lower() == animation_sources.JSON:
        picture, maps = animation_sources.pictures_of(images.read_file(file), file.name)
        sheet = images.open_picture(file.with_name(picture))
        if maps and file.with_name(maps).is_file():
            normals = images.open_picture(file.with_name(maps))
    payload, remarks = animation_sources.brought(
        studio,
        images.read_file(file),
        file.name,
        by=studio.settings.user,
        sheet=sheet,
        normals=normals,
    )
    _told(remarks, arguments)
    return payload


def _named(studio: Studio, picture: str) -> str:
    """A file is kept as a picture to begin from; anything else is an id already."""
    from studio.workflows import upscale_sources

    file = Path(picture)
    return upscale_sources.bring(studio, file).named if file.is_file() else picture


def _written(found: dict[str, bytes], arguments: argparse.Namespace) -> list[str]:
    from studio.store.publish import publish

    for name, data in found.items():
        publish(arguments.out / name, data, flush=False)
        printer(arguments)(str(arguments.out / name))
    return [str(arguments.out / name) for name in found]


def _told(remarks: Sequence[str], arguments: argparse.Namespace) -> list[str]:
    for remark in remarks:
        printer(arguments)(remark)
    return list(remarks)
