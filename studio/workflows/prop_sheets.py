"""Props back in 2D: what is asked of a sheet made whole by the style that it is for, and the sheet
as files and as a picture of the gallery, whose parent the prop is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from studio.assets.files import Content
from studio.assets.records import Asset, New
from studio.context import Studio, check_style
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files
from studio.generation.picture_files import Made
from studio.props import directions
from studio.props.directions import Directions, Sheet
from studio.registry import models
from studio.workflows import prop_files, recipes, upscaled_files

RIGHT = "generate"
MADE_BY = "prop_sheet"  # in the recipe of a sheet: the kind of its job
NORMAL = "normal"  # the role of the file that is a sheet's normal map
FOLDER = "sheets"  # of the props' folder: a folder for each job
KEY = "housestyle-directions"  # the chunk that says which direction lies where


@dataclass(frozen=True)
class About:
    """What a sheet says of itself: how it was drawn as any picture's file says it, the hash of the
    model that it shows, what the prop is called, and how its directions were drawn."""

    made: Made
    of: str
    name: str
    settings: Directions


def filled(
    studio: Studio, prop: Asset, given: Mapping[str, Any], style: str = ""
) -> tuple[Directions, str]:
    """What is asked, complete: `given` are `Directions` as JSON, of which any may be missing. What
    is missing is as the style has it (`of_style`), the prop's own where none is named; and that
    style. StudioError for what can't be drawn, naming the value, and for a style that is not
    there."""
    told = {name: value for name, value in given.items() if value is not None}
    try:
        named = style or prop.style
        usual = of_style(studio, named) if named else Directions()
    except StudioError:
        if style:
            raise
        named, usual = "", Directions()  # the prop's own is gone, or was none
    return directions.of_json({**directions.to_json(usual), **told}), named


def of_style(studio: Studio, style: str) -> Directions:
    """How sheets of a style are drawn: in its palette, its pixels and with its outline, at its
    native size. One that is painted keeps soft edges and all colours, at the size that it draws.
    StudioError where there is no such style."""
    recipe = recipes.of_style(studio, check_style(style)).recipe
    side = 0
    if recipe is not None:
        side = max(recipe.canvas) if recipe.canvas else recipe.native
    if not side and (versions := models.list_versions(studio.client, style)):
        side = recipes.drawn_side(studio, versions[0])
    sides = directions.SIDES
    side = min(max(side, sides.start), sides.stop - 1) if side else Directions.side
    if recipe is None:
        return Directions(side=side, hard_alpha=False)
    return Directions(
        side=side,
        palette=recipe.colours,
        hard_alpha=recipe.hard_alpha,
        outline=recipe.outline if recipe.outline in directions.OUTLINES else "",
        outline_colour=recipe.outline_colour,
    )


def about(prop: Asset, hash: str, style: str, settings: Directions) -> About:
    """What the sheet of a prop says, whose model has this hash."""
    name = prop_files.called(prop.name)
    prompt = str(prop.recipe.get("prompt") or name)
    made = Made(
        style=style,
        version=prop.version if style == prop.style else 0,
        base="",
        run="",
        dataset="",
        prompt=prompt,
        full_prompt="",
        negative="",
        seed=prop.seed or 0,
        steps=0,
        guidance=0.0,
        strength=0.0,
    )
    return About(made, hash, name, settings)


def write(folder: Path, sheet: Sheet, about: About) -> dict[str, str]:
    """The sheet as PNG files in a folder, by role, each with all that made it inside: their names.
    StudioError where they can't be written."""
    names = {}
    pictures: dict[str, Image.Image | None] = {
        gallery_table.DRAWN: sheet.picture,
        NORMAL: sheet.normals,
    }
    for role, picture in pictures.items():
        if picture is not None:
            names[role] = f"{_stem(about)}{'-normal' if role == NORMAL else ''}.png"
            picture_files.write_png(folder / names[role], picture, _texts(sheet, about))
    return names


def new(
    home: Path,
    prop: str,
    about: About,
    files: Mapping[str, tuple[Path, Content]],
    drawn: Mapping[str, Any],
) -> New:
    """The asset of a sheet of the asset `prop`, whose files lie in the studio's folder; `drawn`
    is `said_of` its sheet."""
    recipe = picture_files.recipe_of(about.made)
    style, version, seed = (recipe.pop(name) for name in ("style", "version", "seed"))
    main = files[gallery_table.DRAWN][0]
    return New(
        kind=gallery_table.KIND,
        key=main.relative_to(home).as_posix(),
        files=dict(files),
        parents=(prop,),
        style=style,
        version=version,
        seed=seed,
        name=about.name,
        text=about.made.prompt,
        recipe={
            **recipe,
            "made_by": MADE_BY,
            "directions": directions.to_json(about.settings),
            "of": {"hash": about.of},
            **drawn,
        },
    )


def said_of(sheet: Sheet) -> dict[str, Any]:
    """What lies where on a sheet, as JSON."""
    return {
        "frames": [asdict(frame) for frame in sheet.frames],
        "pixels_per_metre": round(sheet.per_metre, 6),
    }


def folder_of(home: Path, job: int) -> Path:
    """Where the sheet of a job lies."""
    return home / prop_files.FOLDER / FOLDER / str(job)


def _stem(about: About) -> str:
    name = upscaled_files.file_name(about.name)
    return f"{name}-{about.settings.count}x{about.settings.side}"


def _texts(sheet: Sheet, about: About) -> PngImagePlugin.PngInfo:
    width, height = sheet.picture.size
    how = {"schema": 1, **picture_files.recipe_of(about.made), "width": width, "height": height}
    drawn = {"of": about.of, "settings": directions.to_json(about.settings), **said_of(sheet)}
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt(picture_files.KEY, json.dumps(how))
    texts.add_itxt(KEY, json.dumps({"schema": 1, **drawn}))
    return texts
