"""A style's newest pictures as the model drew them, and what a recipe makes of them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from studio import images
from studio.assets.search import Wanted
from studio.context import Studio
from studio.evaluation import contact_sheet
from studio.finishing.finish import finished
from studio.finishing.recipe import Recipe
from studio.generation import gallery_table
from studio.pixels.figures import figures
from studio.registry.models import Version
from studio.workflows import recipes

LARGEST = 512  # pixels a side of a picture that is shown


@dataclass(frozen=True)
class Sample:
    """A raw picture: what it was asked for, and its file."""

    says: str
    file: Path


@dataclass(frozen=True)
class Seen:
    """A picture for a page, as a data address, its size as shown, and how many colours it has."""

    url: str
    width: int
    height: int
    colours: int


def samples(studio: Studio, versions: Sequence[Version], count: int) -> list[Sample]:
    """A style's newest pictures, raw where that is kept; where none was drawn yet those of the
    first of its versions that has a test sheet."""
    style = versions[0].style
    drawn = gallery_table.search(studio.engine, Wanted(style=style), size=count).found
    if drawn:
        return [Sample(one.prompt, studio.home / (one.raw or one.file)) for one in drawn]
    for version in versions:
        folder = contact_sheet.folder_of(studio.home, style, version.number)
        if sheet := contact_sheet.read_sheet(folder):
            cells = {cell.prompt: cell for cell in sheet.cells}
            files = [contact_sheet.as_drawn(folder / cell.version) for cell in cells.values()]
            return [Sample(*one) for one in zip(cells, files, strict=True)][:count]
    return []


def pair(file: Path, recipe: Recipe, side: int) -> tuple[Seen, Seen]:
    """The raw picture and what the recipe makes of it, as drawn by a version of `side` pixels.
    OSError where the file is gone."""
    raw = images.open_picture(file)
    return seen(raw), seen(finished(raw, recipes.at_size(recipe, raw.size, side)))


def seen(picture: Image.Image) -> Seen:
    """A picture as a page shows it; large ones are made smaller."""
    colours = int(figures(np.asarray(picture.convert("RGBA"))).colours)
    shown = picture.copy()
    shown.thumbnail((LARGEST, LARGEST))
    png = io.BytesIO()
    shown.save(png, "PNG")
    data = base64.b64encode(png.getvalue()).decode()
    return Seen(f"data:image/png;base64,{data}", *shown.size, colours)
