"""The pixel steps that real art asks for: a recipe measured from pictures.

What the art itself shows is brought out in what is drawn after it, and nothing else: art with
stray pixels keeps them, art without an outline gets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from studio.colours import to_oklab
from studio.finishing.recipe import WIDEST, Recipe
from studio.images.fitting import OPAQUE
from studio.pixels.checkers import checkered
from studio.pixels.figures import figures
from studio.pixels.hex_colours import Pixels, rgb_of
from studio.pixels.outline_shape import CLOSED, LIKE, outline
from studio.pixels.strays import holes, specks

SOFT = 0.02  # share of half-transparent pixels from which on edges are meant to be soft
SPECKS = 0.015  # share of specks from which on they are the art's texture
SHADED = 0.02  # share of checkerboards from which on the art shades with them
COVERED = 0.9  # share of the edge that a style's outline covers, and of
OUTLINED = 0.6  # ... the pictures that have one in its colour


@dataclass(frozen=True)
class Traits:
    """One picture's: shares of half-transparent pixels, specks, and pixels in checkerboards; how
    many holes; its outline's colour ("" without one) and width."""

    soft: float
    specks: float
    shaded: float
    holes: int
    outline: str
    width: float


def traits_of(rgba: Pixels) -> Traits | None:
    """A picture's, at its native size; None where nothing is opaque."""
    opaque = int((rgba[..., 3] >= OPAQUE).sum())
    if not opaque:
        return None
    found = outline(rgba)
    closed = found.covered >= COVERED
    return Traits(
        soft=figures(rgba).half_transparent,
        specks=float(specks(rgba).sum() / opaque),
        shaded=float(checkered(rgba).sum() / opaque),
        holes=len(holes(rgba)),
        outline=found.colour if closed else "",
        width=found.width if closed else 0.0,
    )


def recipe_of(pictures: Iterable[Traits], colours: Sequence[str]) -> Recipe:
    """What most of the pictures agree on, in these colours; no pixel step for soft ones, and none
    without a picture."""
    found = list(pictures)
    if not found or _median([one.soft for one in found]) >= SOFT:
        return Recipe()
    clean = bool(colours) and _median([one.specks for one in found]) < SPECKS
    colour, width = _outline(found) if clean else ("", 1)
    shaded = _median([one.shaded for one in found]) >= SHADED
    return Recipe(
        hard_alpha=True,
        colours=tuple(colours),
        dither="bayer" if clean and shaded else "none",
        strays=clean,
        holes=clean and _median([float(one.holes) for one in found]) == 0,
        outline="recolour" if colour else "",
        outline_colour=colour,
        outline_width=width,
    )


def _outline(found: Sequence[Traits]) -> tuple[str, int]:
    """The colour and width of the outline that most pictures have; "" and 1 without one."""
    own = [one for one in found if one.outline]
    if len(own) < OUTLINED * len(found):
        return "", 1
    names = sorted({one.outline for one in own})
    commonest = max(names, key=lambda name: sum(one.outline == name for one in own))
    centre = to_oklab(rgb_of([commonest]))[0]
    apart = np.linalg.norm(to_oklab(rgb_of([one.outline for one in own])) - centre, axis=-1)
    like = [one for one, far in zip(own, apart, strict=True) if far <= LIKE]
    if len(like) < OUTLINED * len(found):
        return "", 1
    # A width is at least as much as covers the edge; corners of the next layer count little.
    width = int(_median([one.width for one in like]) + CLOSED)
    return commonest, min(max(width, 1), WIDEST)


def _median(values: Sequence[float]) -> float:
    return float(np.median(np.array(values)))
