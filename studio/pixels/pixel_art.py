"""Whether a picture is pixel art, at its own size or enlarged: what decides how it is enlarged and
made a prop.

Enlarged pixel art is told by its grid (studio.pixels.grid). At its own size it has none, and is
told by what a pixel artist does and a painter does not: few colours, and edges that are drawn or
not. Not told apart: a painting of few flat colours without any soft edge, for which nearest is no
worse than for pixel art.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.images.fitting import OPAQUE
from studio.pixels import grid
from studio.pixels.figures import figures
from studio.pixels.hex_colours import Pixels

LARGEST = 512 * 512  # pixels; art without a grid that is larger was not placed pixel by pixel
FEW = 64  # colours that anybody's palette may have, however small the picture
MANY = 256
SHARE = 0.06  # colours per drawn pixel, up to MANY of them
SMALL = 64  # pixels a side: so small a sprite with hard edges was placed pixel by pixel
SOFT = 0.02  # of the drawn pixels that are half transparent: shadows, never whole edges
LOOKED = 1 << 24  # pixels; of larger pictures the middle is looked at


@dataclass(frozen=True)
class Judgement:
    """`native` is the art's own size (width, height), as far as it is pixel art; `why` says in a
    sentence what told."""

    pixel_art: bool
    native: tuple[int, int] | None
    why: str


def judge(rgba: Pixels) -> Judgement:
    """What a picture [h, w, 4] is; never an error, whatever its size."""
    seen = _middle(rgba)
    if not (seen[..., 3] >= OPAQUE).any():
        return Judgement(False, None, "Hardly anything is seen on it.")
    found = grid.find(seen)
    if found is not None:
        width = max(1, round(rgba.shape[1] / found.step_x))
        height = max(1, round(rgba.shape[0] / found.step_y))
        why = f"Pixel art of {width} x {height}, enlarged {found.step_x:g} times."
        return Judgement(True, (width, height), why)
    height, width = rgba.shape[:2]
    if width * height > LARGEST:
        return Judgement(False, None, "It shows no pixel grid.")
    told = figures(seen)
    drawn = int((seen[..., 3] >= OPAQUE).sum())
    if told.half_transparent > SOFT:
        return Judgement(False, None, "Its edges are soft.")
    sprite = max(width, height) <= SMALL and drawn < width * height
    if not sprite and told.colours > FEW and told.colours > min(MANY, SHARE * drawn):
        return Judgement(
            False, None, f"It has {told.colours:,.0f} colours, too many for a palette."
        )
    plural = "colour" if told.colours == 1 else "colours"
    why = f"Pixel art of {width} x {height}: {told.colours:.0f} {plural}, hard edges."
    return Judgement(True, (width, height), why)


def _middle(rgba: Pixels) -> Pixels:
    """The picture, or a square from its middle, as an array of its own."""
    height, width = rgba.shape[:2]
    if height * width <= LOOKED:
        return np.array(rgba)
    side = int(LOOKED**0.5)
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return np.array(rgba[top : top + side, left : left + side])
