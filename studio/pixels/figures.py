"""What the eye sees of a sprite, as figures: colours, soft edges, orphans, outline, height."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, rgb_of
from studio.pixels.outline_shape import outline
from studio.pixels.snapping import packed

ALIKE = 16  # levels a channel within which two neighbours belong together
SOFT = (8, 247)  # an alpha between these is neither drawn nor empty


@dataclass(frozen=True)
class PixelFigures:
    """`colours`: how many are opaque. `half_transparent`: share of the drawn pixels. `orphans`:
    share of the opaque pixels that no neighbour is like. `outline`: its width in pixels, 0 without
    one. `height`: of what is seen, as a share of the canvas."""

    colours: float
    half_transparent: float
    orphans: float
    outline: float
    height: float


def figures(rgba: Pixels) -> PixelFigures:
    """One picture's figures; all 0 where nothing is drawn."""
    alpha = rgba[..., 3]
    drawn = alpha >= SOFT[0]
    if not drawn.any():
        return PixelFigures(0.0, 0.0, 0.0, 0.0, 0.0)
    opaque = alpha >= OPAQUE
    soft = drawn & (alpha <= SOFT[1])
    alone = orphans(rgba)
    rows = np.flatnonzero(drawn.any(1))
    return PixelFigures(
        colours=float(len(np.unique(packed(rgba[opaque])))),
        half_transparent=float(soft.sum() / drawn.sum()),
        orphans=float(alone.sum() / max(1, opaque.sum())),
        outline=outline(rgba).width,
        height=float((rows[-1] - rows[0] + 1) / len(drawn)),
    )


def orphans(rgba: Pixels) -> NDArray[np.bool_]:
    """The opaque pixels [h, w] none of whose four neighbours is opaque and within 16 levels a
    channel."""
    opaque = rgba[..., 3] >= OPAQUE
    colour = rgba[..., :3].astype(np.int16)
    kept = np.zeros_like(opaque)
    for axis in (0, 1):
        one, other = _pairs(opaque, axis)
        here, there = _pairs(colour, axis)
        alike = one & other & (np.abs(here - there).max(-1) <= ALIKE)
        first, second = _pairs(kept, axis)
        first |= alike
        second |= alike
    return opaque & ~kept


def medians(pictures: Iterable[Pixels]) -> PixelFigures:
    """The median of each figure over pictures. StudioError without one."""
    found = [astuple(figures(rgba)) for rgba in pictures]
    if not found:
        raise StudioError("There is no picture to measure.", "Give at least one.")
    return PixelFigures(*(float(value) for value in np.median(np.array(found), axis=0)))


def _pairs(values: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Views of all but the last and of all but the first line."""
    if axis:
        return values[:, :-1], values[:, 1:]
    return values[:-1], values[1:]


def outside(rgba: Pixels, colours: Sequence[str]) -> float:
    """Share of the opaque pixels that have none of the colours; 0 where nothing is opaque.
    StudioError for no colours, and for what is none."""
    known = packed(rgb_of(colours))
    drawn = packed(rgba[rgba[..., 3] >= OPAQUE])
    return float((~np.isin(drawn, known)).mean()) if len(drawn) else 0.0
