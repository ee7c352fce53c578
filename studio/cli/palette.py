"""`palette` on the command line: a team's palettes, as files, and pictures in them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.finishing.colour_table import ColourTable
    from studio.finishing.palettes import Palette


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    from studio.finishing.palette_files import FORMATS

    top = commands.add_parser("palette", help="Palettes: named, ordered colours with ramps")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    command("list", list_palettes, "Every palette", inner)
    parser = command("show", show, "A palette's colours, ramps and who approved it", inner)
    _named(parser)
    parser = command("import", bring_in, "Keep a file as a palette, or as its next revision", inner)
    parser.add_argument("file", type=Path, metavar="FILE", help="hex, gpl, pal, txt, png, ase, act")
    _made(parser, None)
    parser = command("from-dataset", of_dataset, "Make one of a dataset's pictures", inner)
    parser.add_argument("dataset", metavar="DATASET")
    _made(parser, 16)
    parser = command("export", export, "Write a palette as a file", inner)
    _named(parser)
    parser.add_argument("--format", choices=FORMATS, default="gpl", help="(gpl)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="(the palette's name, here)")
    deciding: tuple[tuple[str, str, str], ...] = (
        ("approve", "approve", "Approve a palette's newest revision"),
        ("lock", "lock", "Let nobody change a palette"),
        ("unlock", "unlock", "Let it be changed again"),
        ("withdraw", "withdraw", "Offer a palette nowhere any more; recipes keep their colours"),
        ("bring-back", "bring_back", "Offer a withdrawn one again"),
    )
    for word, action, says in deciding:
        parser = command(word, _deciding(action), says, inner)
        parser.add_argument("name", metavar="PALETTE")
    parser = command("swap", swap, "Put one ramp in another's place: wood, iron, gold", inner)
    _pictures(parser)
    parser.add_argument("--from", dest="source", required=True, metavar="RAMP")
    parser.add_argument(
        "--to", action="append", required=True, metavar="RAMP", help="may be repeated"
    )
    parser.add_argument("--snap", action="store_true", help="to the palette first")
    parser.add_argument("--indexed", action="store_true", help="write indexed PNG")
    parser = command("index", index, "Write pictures as indexed PNG in the palette's order", inner)
    _pictures(parser)
    parser.add_argument(
        "--transparent", default="0", metavar="PLACE", help="in the table, or none (0)"
    )


def list_palettes(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette list`."""
    from studio.finishing import palettes

    found, say = palettes.listing(_engine(settings)), printer(arguments)
    for one in found:
        say(f"{one.mark:30} {len(one.colours):3} colours  {len(one.ramps)} ramps  {_state(one)}")
    if not found:
        say("No palette yet: palette import FILE, or palette from-dataset DATASET.")
    return {"palettes": [_told(one) for one in found]}


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette show`."""
    from studio.finishing import palette_uses, palettes

    engine, say = _engine(settings), printer(arguments)
    found = palettes.named(engine, arguments.palette)
    say(f"{found.mark}  {_state(found)}  by {found.by}, {found.at[:16]}")
    if found.source:
        say(f"from {found.source}")
    for place, (colour, name) in enumerate(zip(found.colours, found.names, strict=True), 1):
        ramps = [one.name for one in found.ramps if place - 1 in one.places]
        say(f"{place:4}  {colour}  {name:24}  {', '.join(ramps)}".rstrip())
    used = palette_uses.of(palette_uses.uses(engine), found.name)
    for use in used:
        say(f"used by the recipe of {use.style}, at revision {use.revision}")
    return {"palette": _told(found), "used_by": [asdict(use) for use in used]}


def bring_in(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette import`."""
    from studio import images
    from studio.finishing import palette_files

    data = images.read_file(arguments.file)
    read = palette_files.read(data, str(arguments.file), arguments.most)
    for remark in read.remarks:
        printer(arguments)(remark)
    name = arguments.name or arguments.file.stem
    kept = _kept(settings, arguments, name, read.table, arguments.file.name)
    return {**kept, "remarks": list(read.remarks)}


def of_dataset(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette from-dataset`."""
    from studio import context
    from studio.workflows import palette_sources

    studio = context.open_studio(settings)
    table = palette_sources.of_dataset(studio, arguments.dataset, arguments.most)
    name = arguments.name or arguments.dataset
    return _kept(settings, arguments, name, table, f"dataset {arguments.dataset}")


def export(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette export`."""
    from studio.finishing import palette_files, palettes
    from studio.store.publish import publishing

    found = palettes.named(_engine(settings), arguments.palette)
    ending = palette_files.FORMATS[arguments.format][0]
    file = arguments.out or Path(f"{palettes.file_name(found)}{ending}")
    with publishing(file) as aside:
        aside.write_bytes(palette_files.write(found.table, found.name, arguments.format))
    printer(arguments)(str(file))
    return {"palette": found.mark, "file": str(file)}


def swap(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette swap`."""
    from PIL import Image

    from studio.finishing import indexed, palettes, ramps
    from studio.generation.lists import as_png
    from studio.pixels.snapping import hard_alpha, snapped

    found = palettes.named(_engine(settings), arguments.palette)
    source = ramps.named(found.table, arguments.source)
    targets = [ramps.named(found.table, name) for name in arguments.to]
    files: list[str] = []
    for stem, rgba in _opened(settings, arguments.pictures):
        if arguments.snap or arguments.indexed:
            rgba = snapped(hard_alpha(rgba), found.colours)
        for target in targets:
            try:
                made = ramps.swapped(rgba, found.table, source, target)
            except StudioError as error:
                raise StudioError(f"{stem}: {error.message}", f"{error.remedy} (--snap)") from error
            if arguments.indexed:
                data = indexed.encoded(made, found.colours)
            else:
                data = as_png(Image.fromarray(made))
            files.append(_write(arguments, f"{stem}_{_word(target.name)}", data, files))
    return {"palette": found.mark, "files": files}


def index(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`palette index`."""
    from PIL import Image

    from studio import numbers
    from studio.finishing import indexed, palettes

    found = palettes.named(_engine(settings), arguments.palette)
    place = arguments.transparent
    at = None if place == "none" else numbers.whole("--transparent", place, 0, len(found.colours))
    files: list[str] = []
    for stem, rgba in _opened(settings, arguments.pictures):
        data = indexed.snapped_and_encoded(Image.fromarray(rgba), found.colours, at)
        files.append(_write(arguments, stem, data, files))
    return {"palette": found.mark, "files": files}


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("palette", metavar="PALETTE", help="its name, or NAME@REVISION")


def _made(parser: argparse.ArgumentParser, most: int | None) -> None:
    parser.add_argument("--name", default="", metavar="NAME", help="(as the file or dataset)")
    says = f"colours ({most})" if most else "colours, where there are more (all)"
    parser.add_argument("--most", type=whole(1, 256), default=most, metavar="N", help=says)


def _pictures(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a file, or a picture's id in the gallery"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def _deciding(action: str) -> Callable[[Settings, argparse.Namespace], Answer]:
    """A command that does one thing with a palette, which needs no more than its name."""

    def decide(settings: Settings, arguments: argparse.Namespace) -> Answer:
        from studio import context
        from studio.finishing import palettes

        engine = _engine(settings)
        more: dict[str, int] = {}
        if action == "approve":
            more["revision"] = palettes.get(engine, arguments.name).revision
        done = getattr(palettes, action)
        found = done(engine, arguments.name, by=settings.user, now=context.now(), **more)
        printer(arguments)(f"{found.mark}  {_state(found)}")
        return {"palette": _told(found)}

    return decide


def _kept(
    settings: Settings, arguments: argparse.Namespace, name: str, table: ColourTable, source: str
) -> Answer:
    """Kept under the name, as the next revision of one that is there."""
    from studio import context
    from studio.finishing import palettes

    engine = _engine(settings)
    there = {one.name.casefold(): one for one in palettes.listing(engine)}
    before = there.get(" ".join(name.split()).casefold())
    after = before.revision if before else 0
    found = palettes.save(
        engine, name, table, after=after, source=source, by=settings.user, now=context.now()
    )
    printer(arguments)(f"{found.mark}  {len(found.colours)} colours, {len(found.ramps)} ramps")
    return {"palette": _told(found)}


def _opened(settings: Settings, given: list[str]) -> Iterator[tuple[str, Any]]:
    """Each picture's name for its file, and its pixels: a file, else one of the gallery."""
    import numpy as np

    from studio import images
    from studio.generation import gallery_table, lists

    for one in given:
        if Path(one).exists():
            stem, picture = Path(one).stem, images.open_picture(Path(one))
        else:
            record = gallery_table.get(_engine(settings), one)
            stem, picture = lists.file_name(record), lists.open_picture(settings.home, record)
        yield stem, np.asarray(picture.convert("RGBA"))


def _write(arguments: argparse.Namespace, stem: str, data: bytes, before: list[str]) -> str:
    """The file written; never one of the pictures, or another's result."""
    from studio.store.publish import publishing

    file = arguments.out / f"{stem}.png"
    if file.resolve() in {Path(one).resolve() for one in arguments.pictures}:
        raise StudioError(f"{file} is one of the pictures.", "Give --out another folder.")
    if str(file) in before:
        raise StudioError(
            f"{file} is another picture's, too.", "Take them apart, with other --out."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with publishing(file) as aside:
        aside.write_bytes(data)
    printer(arguments)(str(file))
    return str(file)


def _word(name: str) -> str:
    return "".join(one if one.isalnum() else "-" for one in name.casefold())


def _engine(settings: Settings) -> Any:
    from studio import context

    return context.open_records(settings)[0]


def _state(palette: Palette) -> str:
    said = [f"approved by {palette.approved_by}"] if palette.approved_by else ["not approved"]
    said += [f"locked by {palette.locked_by}"] if palette.locked else []
    return ", ".join(said + (["withdrawn"] if palette.withdrawn_by else []))


def _told(palette: Palette) -> dict[str, Any]:
    return {**asdict(palette), "mark": palette.mark}
