"""Sprites of the tests' own that become props, in a gallery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from studio.context import Studio
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from tests.worker.kinds.step_by_step import NOW


def sprite(side: int = 16, colour: tuple[int, int, int] = (180, 60, 40)) -> Image.Image:
    """Pixel art: an arrow that points up and has its barb on the right alone, dark at its edge, on
    nothing."""
    pixels = np.zeros((side, side, 4), np.uint8)
    half, third = side // 2, side // 3
    pixels[2 : side - 1, half - 1 : half + 2] = (*colour, 255)
    for row in range(third):
        pixels[2 + row, half : half + 2 + row] = (*colour, 255)
    pixels[side - 2, half - 1 : half + 2] = (40, 20, 20, 255)
    return Image.fromarray(pixels, "RGBA")


def empty(side: int = 16) -> Image.Image:
    """A picture on which nothing is."""
    return Image.new("RGBA", (side, side), (0, 0, 0, 0))


def kept(studio: Studio, picture: Image.Image, name: str = "arrow", by: str = "ana") -> str:
    """A picture of the gallery, drawn by version 3 of props; its id."""
    made = Made("props", 3, "pocket", "", "", "a red arrow", "a red arrow", "", 7, 9, 2.5, 1.0)
    folder: Path = studio.home / "generated" / "props"
    file = picture_files.keep(folder, name, picture, made)
    row = Kept(file, made, name)
    (id,) = gallery_table.record(studio.engine, studio.home, [row], by=by, now=NOW)
    return id
