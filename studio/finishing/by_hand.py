"""A picture after the steps that somebody set by hand: the whole chain, in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from studio.finishing import doubts, finish
from studio.finishing.steps import Steps
from studio.pixels import grid as grids
from studio.pixels.figures import PixelFigures, figures
from studio.pixels.grid import Grid
from studio.pixels.hex_colours import Pixels


@dataclass(frozen=True)
class Finished:
    """What became of a picture: RGBA, the shadow that it casts as a layer of the same size or
    None, the grid that it was brought to, figures before and after, what to look at first (codes of
    `doubts.SAYS`), and whether nothing changed."""

    rgba: Pixels
    shadow: Pixels | None
    grid: Grid | None
    before: PixelFigures
    after: PixelFigures
    doubts: tuple[str, ...]
    same: bool


def finished(rgba: Pixels, steps: Steps) -> Finished:
    """The picture [h, w, 4] after the steps. The same picture and steps give the same pixels."""
    grid = _grid(rgba, steps)
    native = rgba if grid is None else grids.native(rgba, grid)
    own_grid = steps.grid == "recipe"
    recipe = steps.recipe if own_grid else replace(steps.recipe, native=0)
    picture = finish.finished(Image.fromarray(np.ascontiguousarray(native), "RGBA"), recipe)
    after = np.asarray(picture)
    return Finished(
        rgba=after,
        shadow=None,
        grid=grid,
        before=figures(rgba),
        after=figures(after),
        doubts=doubts.doubts(rgba, after, grid, steps),
        same=np.array_equal(rgba, after),
    )


def _grid(rgba: Pixels, steps: Steps) -> Grid | None:
    if steps.grid == "set":
        return steps.set_grid
    return grids.find(rgba) if steps.grid == "found" else None
