"""What of a finished picture somebody should look at before it is kept."""

from __future__ import annotations

import numpy as np

from studio.finishing.steps import Steps
from studio.images.fitting import OPAQUE
from studio.pixels.grid import Grid
from studio.pixels.hex_colours import Pixels

NO_GRID, PHOTOGRAPH, EMPTY, NOT_SEEN = "no grid", "photograph", "empty", "not seen"
NO_GROUND, ONE_COLOUR = "no background", "one colour"
SAYS = {
    NO_GRID: "No grid found",
    PHOTOGRAPH: "Looks like a photograph",
    NO_GROUND: "No plain background was found",
    ONE_COLOUR: "One colour leaves a silhouette",
    EMPTY: "Nothing is left of it",
    NOT_SEEN: "Nothing is seen of it",
}
SMALLEST = 96  # pixels of the longer side, below which nobody takes a picture for a photograph
MIDDLE = 256  # pixels a side that are looked at
MANY = 0.25  # different colours per pixel, from which on
WHOLE = 0.95  # share of opaque pixels, likewise


def doubts(
    before: Pixels, cleaned: Pixels, after: Pixels, grid: Grid | None, steps: Steps
) -> tuple[str, ...]:
    """Codes of SAYS, for a picture before the steps, which brought it to `grid`, cleaned, and in
    its frame."""
    if not (before[..., 3] >= OPAQUE).any():
        return (NOT_SEEN,)
    found = []
    if not (after[..., 3] >= OPAQUE).any():
        found.append(EMPTY)
    if grid is None and _is_photograph(before):
        found.append(PHOTOGRAPH)
    elif grid is None and steps.grid == "found":
        found.append(NO_GRID)
    if steps.recipe.background and (before[..., 3] >= OPAQUE).all():
        if (cleaned[..., 3] >= OPAQUE).all():
            found.append(NO_GROUND)
    if len(steps.recipe.colours) == 1:
        found.append(ONE_COLOUR)
    return tuple(found)


def _is_photograph(rgba: Pixels) -> bool:
    """Large, opaque to its edges and with hardly a colour twice, as neither pixel art is, soft or
    not, nor a cut-out painting."""
    height, width = rgba.shape[:2]
    if max(height, width) < SMALLEST or (rgba[..., 3] >= OPAQUE).mean() < WHOLE:
        return False
    top, left = max(0, height - MIDDLE) // 2, max(0, width - MIDDLE) // 2
    middle = rgba[top : top + MIDDLE, left : left + MIDDLE, :3].reshape(-1, 3).astype(np.uint32)
    packed = middle[:, 0] << 16 | middle[:, 1] << 8 | middle[:, 2]
    return len(np.unique(packed)) > MANY * len(packed)
