"""`finish` on the command line: pictures made ready for the game, each for itself."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.finishing.recipe import LARGEST, OUTLINES, WIDEST
from studio.finishing.steps import RANGES, SHADOWS
from studio.pixels.snapping import DITHERS
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.finishing.by_hand import Finished
    from studio.finishing.recipe import Recipe
    from studio.finishing.steps import Steps

SWITCHES = {
    "hard_alpha": "no half-transparent pixels",
    "strays": "clear noise: specks, spurs, islands",
    "holes": "fill missing pixels",
    "background": "take a plain background away",
}
COLOURS = {
    "hue": "turned by degrees, before all else",
    "saturation": "more or less, in percent",
    "lightness": "more or less, in percent",
}


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("finish", finish, "Make pictures ready for the game: pixels, palette, canvas")
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--style", metavar="STYLE", help="by the recipe of what is in production")
    parser.add_argument("--recipe", type=Path, metavar="FILE", help="by a recipe's JSON")
    parser.add_argument(
        "--palette", metavar="PALETTE", help="a file, or a palette's name or NAME@REVISION"
    )
    parser.add_argument("--indexed", action="store_true", help="as indexed PNG, in its order")
    parser.add_argument("--dither", choices=DITHERS)
    grid = parser.add_mutually_exclusive_group()
    grid.add_argument(
        "--native", type=whole(0, LARGEST), metavar="N", help="longer side in native pixels"
    )
    grid.add_argument("--find-grid", action="store_true", help="look for it in each picture")
    for name, says in SWITCHES.items():
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, help=says)
    parser.add_argument("--outline", choices=[one or "none" for one in OUTLINES])
    parser.add_argument("--outline-colour", metavar="COLOUR", help="#rrggbb")
    parser.add_argument("--outline-width", type=whole(1, WIDEST), metavar="N")
    parser.add_argument("--canvas", metavar="SIZE", help="32 for both sides, or 32x48")
    parser.add_argument("--ground", type=whole(0, LARGEST), metavar="N", help="rows free below")
    for name, says in COLOURS.items():
        parser.add_argument(f"--{name}", type=whole(*RANGES[name]), default=0, help=says)
    parser.add_argument("--shadow", choices=SHADOWS, help="beside each, as NAME.shadow.png")


def finish(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`finish`. The exit code is 2 where a picture could not be finished."""
    recipe, say = _recipe(settings, arguments), printer(arguments)
    steps = _steps(recipe, arguments)
    done: list[dict[str, Any]] = []
    bad: list[dict[str, str]] = []
    taken = {file.resolve(): file for file in arguments.pictures}
    targets: dict[Path, Path] = {}
    for file in arguments.pictures:
        try:
            target = _target(file, arguments.out, taken, targets)
            done.append(_one(file, target, steps, arguments.indexed))
        except StudioError as error:
            bad.append({"file": str(file), "error": error.message, "remedy": error.remedy})
            say(f"{file}: {error.message} {error.remedy}".rstrip())
            continue
        say(_line(done[-1]))
    say(f"{len(done)} finished with recipe {recipe.mark}" + (f", {len(bad)} not" if bad else ""))
    answer: Answer = {"recipe": recipe.mark, "files": done, "problems": bad}
    return {**answer, "exit": 2} if bad else answer


def _one(file: Path, target: Path, steps: Steps, as_indexed: bool) -> dict[str, Any]:
    """One picture finished and written; what is told of it."""
    import numpy as np
    from PIL import Image

    from studio import images
    from studio.finishing import by_hand, indexed
    from studio.generation.lists import as_png

    if file.is_dir():
        raise StudioError("It is a folder.", f"Give its pictures: {file}/*.png")
    done = by_hand.finished(np.asarray(images.open_picture(file)), steps)
    written = {"file": str(target)}
    if as_indexed:
        _write(indexed.encoded(done.rgba, steps.recipe.colours), target)
    else:
        _write(as_png(Image.fromarray(done.rgba)), target)
    if done.shadow is not None:
        below = target.with_name(f"{target.stem}.shadow.png")
        _write(as_png(Image.fromarray(done.shadow)), below)
        written["shadow"] = str(below)
    return {
        "from": str(file),
        **written,
        "before": vars(done.before),
        "after": vars(done.after),
        "remarks": _remarks(done, steps.recipe),
    }


def _remarks(done: Finished, recipe: Recipe) -> list[str]:
    """What did not come about, or may surprise."""
    from studio.finishing.doubts import SAYS

    found = [f"{SAYS[code]}." for code in done.doubts]
    side = max(done.rgba.shape[:2])
    if recipe.native and side > max(recipe.native, *(recipe.canvas or (0, 0))):
        found.append(f"No grid gives {recipe.native} native pixels: it keeps its size.")
    return found


def _line(one: dict[str, Any]) -> str:
    before, after = one["before"], one["after"]
    told = (
        f"{one['file']}: {before['colours']:.0f} -> {after['colours']:.0f} colours, "
        f"{before['orphans']:.0%} -> {after['orphans']:.0%} orphans"
    )
    return "\n  ".join([told, *one["remarks"]])


def _target(
    file: Path, folder: Path, pictures: dict[Path, Path], targets: dict[Path, Path]
) -> Path:
    """Where the finished picture goes: its own name in the folder, and never over a picture that
    was given, or over another's."""
    target = folder / f"{file.stem}.png"
    place = target.resolve()
    if place in pictures:
        raise StudioError(f"{target} is one of the pictures.", "Give --out another folder.")
    if place in targets:
        raise StudioError(
            f"{targets[place]} has the same name.", "Finish it apart, with another --out."
        )
    targets[place] = file
    return target


def _write(data: bytes, file: Path) -> None:
    from studio.store.publish import publishing

    with publishing(file) as aside:
        aside.write_bytes(data)


def _recipe(settings: Settings, arguments: argparse.Namespace) -> Recipe:
    """The style's or the file's recipe, with what is said beside it. StudioError where nothing
    is."""
    from studio.diffusion import sizes
    from studio.finishing.recipe import checked
    from studio.finishing.steps import Steps

    recipe = _begun(settings, arguments)
    names = ("dither", "native", "outline_colour", "outline_width", "ground", *SWITCHES)
    said = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    if arguments.outline is not None:
        said["outline"] = "" if arguments.outline == "none" else arguments.outline
    if arguments.canvas is not None:
        size = sizes.read(arguments.canvas)
        if size is None:
            raise StudioError(f"{arguments.canvas!r} is no size.", "Write it as 32x48.")
        said["canvas"] = (size.width, size.height)
    if arguments.palette is not None:
        said["colours"], said["palette"] = _colours(settings, arguments.palette)
        said.setdefault("hard_alpha", True)
    found = checked(replace(recipe, **said))
    if arguments.indexed and not found.colours:
        raise StudioError("--indexed needs a palette.", "Give --palette, or a style that has one.")
    if _steps(found, arguments) == Steps():
        raise StudioError(
            "Nothing says how to finish.", "Give --style, --palette or a step such as --strays."
        )
    return found


def _steps(recipe: Recipe, arguments: argparse.Namespace) -> Steps:
    from studio.finishing.steps import Steps

    return Steps(
        recipe=recipe,
        grid="found" if arguments.find_grid else "recipe",
        hue=arguments.hue,
        saturation=arguments.saturation,
        lightness=arguments.lightness,
        shadow=arguments.shadow or "",
    )


def _begun(settings: Settings, arguments: argparse.Namespace) -> Recipe:
    from studio.finishing import recipe as recipes

    if arguments.style and arguments.recipe:
        raise StudioError("--style and --recipe are both given.", "Give the one or the other.")
    if arguments.recipe:
        from studio.text import decoding

        return recipes.read(decoding.read_text(arguments.recipe).text)
    if not arguments.style:
        return recipes.PLAIN
    from studio import context
    from studio.workflows import recipes as known
    from studio.workflows import release

    studio = context.open_studio(settings)
    version, _ = release.drawn_with(studio, arguments.style, settings.user)
    found = known.of_version(studio, version)
    if found is None:
        raise StudioError(
            f"{arguments.style} is painted and has no recipe.", "Say the steps, or set a recipe."
        )
    return found


def _colours(settings: Settings, given: str) -> tuple[tuple[str, ...], str]:
    """A palette's colours and its mark: of a file, else of the studio's palettes."""
    from studio import context, images
    from studio.finishing import palette_files, palettes

    if Path(given).is_file():
        return palette_files.read(images.read_file(Path(given)), given).table.colours, ""
    found = palettes.named(context.open_records(settings)[0], given)
    return found.colours, found.mark
