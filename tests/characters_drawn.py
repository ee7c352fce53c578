"""Characters of the tests' own: a reference sheet of small sprites, and rows that are filled
without a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PIL import Image

from studio.characters import cells, fitting
from studio.characters.cells import Cell
from studio.characters.characters import Revision
from studio.context import Studio
from studio.generation import start_pictures
from studio.workflows import characters
from tests.prop_pictures import kept
from tests.sheets.drawn import HEIGHT, WIDTH, walker
from tests.worker.kinds.step_by_step import NOW

HEIGHT_PX = 26  # of `walker`
COLOURS = ("#f0be8c", "#3c78c8", "#5a3c28")
CYCLE = (4, 2, 0, -3, -5, -3, 0, 2)


def saved(studio: Studio, name: str = "hero", after: int = 0, **told: Any) -> Revision:
    """A character with a front and a side, 26 pixels tall, in the walker's colours."""
    given = {
        "prompt": "a knight",
        "front": view(studio, 0),
        "side": view(studio, 4),
        "colours": list(COLOURS),
        "height": HEIGHT_PX,
        **told,
    }
    return characters.save(studio, name, given, after=after, by="ana", now=NOW)


def view(studio: Studio, stride: int) -> str:
    """A kept picture of the walker."""
    return start_pictures.keep_picture(studio.home, walker(stride), by="ana")


def cell(stride: int, down: int = 0) -> Image.Image:
    """The walker on a cell of its height, its feet on the ground line."""
    side = fitting.side_of(HEIGHT_PX)
    canvas = Image.new("RGBA", (side, side))
    top = fitting.ground_of(HEIGHT_PX) - (HEIGHT - 2)
    canvas.paste(walker(stride, down), ((side - WIDTH) // 2, top))
    return canvas


def fill(
    studio: Studio, direction: str, strides: Iterable[int] = CYCLE, name: str = "hero"
) -> list[str]:
    """A row of the walk, filled; the pictures' ids."""
    ids = []
    for pose, stride in enumerate(strides, 1):
        one = Cell("walk", direction, pose)
        ids.append(kept(studio, cell(stride), f"{name}-{one.stem}-{stride}"))
        cells.put(
            studio.engine,
            name,
            [(one, ids[-1])],
            revision=1,
            way="pose",
            seed=1,
            job=None,
            by="ana",
            now=NOW,
        )
    return ids
