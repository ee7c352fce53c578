"""Pictures edited before props are made of them: each result is a picture of its own.

It stands in the gallery beside the one that it came from, which stays as it is and is its parent.
The edits stand in its record and in its file. The same edits of the same picture lead to the same
asset whoever makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from studio import images
from studio.assets import files
from studio.assets.records import Asset, New
from studio.context import Studio
from studio.errors import StudioError
from studio.finishing import palettes
from studio.generation import gallery_table, picture_files, seam_verdicts
from studio.generation.picture_files import Made
from studio.pixels import pixel_art
from studio.pixels.hex_colours import Pixels
from studio.props import background, edit_records, picture_edits
from studio.props.background import Advice
from studio.props.edit_records import Edit
from studio.workflows import finished_files, recipes, upscaled_files
from studio.workflows.upscale_sources import Source

RIGHT = "finish pictures"
FOLDER = "edited"  # of the studio's folder
MADE_BY = "picture edits"  # in the recipe of a result
KEY = "housestyle-picture-edits"  # the chunk that says how


@dataclass(frozen=True)
class Written:
    """An edited picture as a file: what it was made of, the file's name, the edits as they were
    taken, and what is to be told, in sentences."""

    of: str
    file: str
    edits: tuple[Edit, ...]
    remarks: tuple[str, ...]


def filled(studio: Studio, given: Any) -> tuple[Edit, ...]:
    """The chain of edits, its palettes' colours written out as they are now, so that it works when
    a palette is changed or gone. StudioError naming what can't be, or is not there."""
    return tuple(
        replace(edit, values=_with_colours(studio, edit.values)) if edit.name == "palette" else edit
        for edit in picture_edits.checked(given)
    )


def advised(source: Source) -> Advice:
    """How the background of a picture is best taken away: see `props.background.advised`."""
    return background.advised(np.asarray(images.open_picture(source.path)), is_pixel_art)


def is_pixel_art(rgba: Pixels) -> bool:
    """Whether a picture is pixel art, at its own size or enlarged."""
    return pixel_art.judge(rgba).pixel_art


def write(folder: Path, source: Source, path: Path, edits: Sequence[Edit]) -> Written | None:
    """The edited picture as a PNG in a folder; `path` is where the picture itself lies. None where
    the edits change nothing of it. StudioError where it can't be read, edited or written."""
    before = np.asarray(images.open_picture(path))
    done = picture_edits.apply(before, edits, is_pixel_art)
    if np.array_equal(before, done.rgba):
        return None
    named = source.asset.id if source.asset else source.hash[:16]
    name = f"{named}-{source.hash[:8]}-{edit_records.mark(edits)}.png"
    picture = Image.fromarray(np.ascontiguousarray(done.rgba), "RGBA")
    picture_files.write_png(folder / name, picture, _about(source, done.edits, picture.size))
    return Written(source.named, name, done.edits, done.remarks)


def new(home: Path, source: Source, edits: Sequence[Edit], file: Path) -> New:
    """The asset of an edited picture whose file lies in the studio's folder; `edits` are those that
    were taken."""
    asset = _drawn(source)
    made = finished_files.told(asset)
    how: dict[str, Any] = {
        "made_by": MADE_BY,
        "picture_edits": edit_records.said_of(edits),
        "of": {"hash": source.hash, "width": source.width, "height": source.height},
    }
    if way := made.get("seamless"):  # an edit can cut an edge that fitted
        how["seams"] = seam_verdicts.of_file(file, way)
    return New(
        kind=gallery_table.KIND,
        key=file.relative_to(home).as_posix(),
        files={gallery_table.DRAWN: (file, files.read(file))},
        parents=source.parents,
        style=asset.style,
        version=asset.version,
        seed=asset.seed or 0,
        name=asset.name,
        variant=asset.variant,
        category=asset.category,
        text=str(asset.recipe.get("prompt") or source.about),
        recipe={**made, **how},
    )


def edits_of(asset: Asset) -> tuple[Edit, ...]:
    """The edits that a picture was made by; none for any other."""
    return picture_edits.checked(asset.recipe.get("picture_edits") or [])


def folder_of(home: Path) -> Path:
    """Where edited pictures lie."""
    return home / FOLDER


def _with_colours(studio: Studio, values: Any) -> dict[str, Any]:
    """A palette's values with colours: those given, else of the palette named, else of how the
    style's pictures are finished."""
    if values["colours"]:
        return dict(values)
    if values["palette"]:
        found = palettes.named(studio.engine, values["palette"])
        return {**values, "colours": list(found.colours), "palette": found.mark}
    recipe = recipes.of_style(studio, values["style"]).recipe
    if recipe is None or not recipe.colours:
        raise StudioError(
            f"The style {values['style'][:63]} has no palette.", "Name a palette, or give colours."
        )
    return {**values, "colours": list(recipe.colours), "palette": recipe.palette}


def _drawn(source: Source) -> Asset:
    """The asset that was edited; of a picture from elsewhere nothing is known but its name."""
    return source.asset or upscaled_files.unknown(source.about)


def _about(source: Source, edits: Sequence[Edit], size: tuple[int, int]) -> PngImagePlugin.PngInfo:
    """What the file says of itself: how the picture was drawn, and what was done to it."""
    asset = _drawn(source)
    own = {"style": asset.style, "version": asset.version, "seed": asset.seed or 0}
    made = Made(**{**finished_files.told(asset), **own})
    sides = {"width": size[0], "height": size[1]}
    edited = {"schema": 1, "of": source.hash, "edits": edit_records.said_of(edits)}
    about = PngImagePlugin.PngInfo()
    about.add_itxt(
        picture_files.KEY, json.dumps({"schema": 1, **picture_files.recipe_of(made), **sides})
    )
    about.add_itxt(KEY, json.dumps(edited))
    about.add_itxt(picture_files.PARAMETERS, picture_files.parameters(made, size))
    return about
