"""A picture after the steps that somebody set by hand: the whole chain, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from studio.finishing import doubts, finish, frames
from studio.finishing.steps import Steps
from studio.pixels import grid as grids
from studio.pixels import levels, outlines, shadow
from studio.pixels.figures import PixelFigures, figures
from studio.pixels.grid import Grid
from studio.pixels.hex_colours import Pixels
from studio.pixels.proposals import Proposal, applied
from studio.pixels.strays import holes, strays

MOST_LISTED = 200  # proposals
MOST_PIXELS = 128 * 128  # of a picture that is looked through for them


@dataclass(frozen=True)
class Listed:
    """A proposal that one takes or leaves: its id is the same for the same steps, its pixels
    (x, y) are those of the finished picture."""

    id: str
    kind: str
    sentence: str
    pixels: tuple[tuple[int, int], ...]


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
    """The picture [h, w, 4] after the steps. The same picture and steps give the same pixels.
    StudioError where a step can't be taken."""
    cleaned, grid = _cleaned(rgba, steps)
    if steps.taken:
        chosen = [one for one in _proposed(cleaned) if id_of(one) in steps.taken]
        cleaned = applied(cleaned, chosen)
    if steps.broken:
        colours = steps.recipe.colours
        change = outlines.proposed(cleaned, "break", steps.recipe.outline_colour, palette=colours)
        cleaned = applied(cleaned, [change] if change else [])
    after, _ = frames.framed(cleaned, steps)
    return Finished(
        rgba=after,
        shadow=_shadow(after, steps),
        grid=grid,
        before=figures(rgba),
        after=figures(after),
        doubts=doubts.doubts(rgba, cleaned, after, grid, steps),
        same=np.array_equal(rgba, after),
    )


def proposals(rgba: Pixels, steps: Steps) -> tuple[Listed, ...]:
    """What could be cleaned of the picture after the steps, one by one, also what `steps` has
    taken; nothing for pictures of over 128 x 128 native pixels. StudioError as `finished`."""
    cleaned, _ = _cleaned(rgba, steps)
    framed, corner = frames.framed(cleaned, steps)
    return _listed(_proposed(cleaned), corner, framed.shape)


def _cleaned(rgba: Pixels, steps: Steps) -> tuple[Pixels, Grid | None]:
    """The picture after grid, colours and recipe, and its grid."""
    if steps.grid == "recipe":
        done = _by_recipe(_coloured(rgba, steps), steps)
        return done, _shrunk(rgba, done)
    grid = _grid(rgba, steps)
    native = rgba if grid is None else grids.native(rgba, grid)
    return _by_recipe(_coloured(native, steps), steps), grid


def _proposed(rgba: Pixels) -> list[Proposal]:
    if rgba.shape[0] * rgba.shape[1] > MOST_PIXELS:
        return []
    return [*strays(rgba), *holes(rgba)][:MOST_LISTED]


def id_of(proposal: Proposal) -> str:
    """What a proposal is called in steps: its kind and its first pixel."""
    x, y, _ = proposal.changes[0]
    return f"{proposal.kind} {x},{y}"


def _grid(rgba: Pixels, steps: Steps) -> Grid | None:
    if steps.grid == "set":
        return steps.set_grid
    return grids.find(rgba) if steps.grid == "found" else None


def _shrunk(before: Pixels, after: Pixels) -> Grid | None:
    """The grid by which a recipe took a picture to its native size, None where it did not."""
    if before.shape == after.shape:
        return None
    down, across = (before.shape[axis] / after.shape[axis] for axis in (0, 1))
    return Grid(across, down, 0.0, 0.0)


def _coloured(rgba: Pixels, steps: Steps) -> Pixels:
    """Hue, saturation, lightness and levels as they are set, in percent of `levels`' units."""
    shifted = levels.shifted(rgba, steps.hue, 1 + steps.saturation / 100, steps.lightness / 100)
    return levels.levelled(shifted, steps.black / 100, steps.white / 100, steps.gamma)


def _by_recipe(rgba: Pixels, steps: Steps) -> Pixels:
    """After the recipe's steps but for its canvas, which comes last."""
    native = steps.recipe.native if steps.grid == "recipe" else 0
    recipe = replace(steps.recipe, native=native, canvas=None, ground=None)
    picture = Image.fromarray(np.ascontiguousarray(rgba), "RGBA")
    return np.asarray(finish.finished(picture, recipe))


def _shadow(rgba: Pixels, steps: Steps) -> Pixels | None:
    opacity = steps.shadow_opacity / 100
    if steps.shadow == "contact":
        return shadow.contact(rgba, opacity=opacity)
    if steps.shadow == "drop":
        return shadow.drop(rgba, steps.shadow_x, steps.shadow_y, opacity=opacity)
    return None


def _listed(
    proposed: Sequence[Proposal], corner: tuple[int, int], shape: tuple[int, ...]
) -> tuple[Listed, ...]:
    """The proposals where they lie on the finished picture; those that were cut off are none."""
    found = []
    for one in proposed:
        places = [(x + corner[0], y + corner[1]) for x, y, _ in one.changes]
        if all(0 <= x < shape[1] and 0 <= y < shape[0] for x, y in places):
            found.append(Listed(id_of(one), one.kind, one.sentence, tuple(places)))
    return tuple(found)
