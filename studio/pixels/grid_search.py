"""The grid of a picture from what its two axes tell: the coarsest that explains it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from studio.pixels import axis_search
from studio.pixels.axis_search import COARSER, Found
from studio.pixels.enlarging import Axis, Floats, axis_of

DEEP = -3.4  # of both axes together; enlarged drawings and JPEG's blocks reach -3.2
DEEP_PLACED = -3.8  # where the offset is free as well
EACH, EACH_PLACED = -0.5, -1.0  # of either axis
APART = -3.0  # of each axis, where the steps are not alike
ALIKE = 0.02
FINE = 5.0  # pixels: a step below may be a part of the true one
SMOOTH = 0.57  # of a step between neighbours goes on in the next one: a photograph's pixels


@dataclass(frozen=True)
class Both:
    """What was found across and down, and how deep both are."""

    across: Found
    down: Found

    @property
    def depth(self) -> float:
        return self.across.depth + self.down.depth

    @property
    def step(self) -> float:
        return self.across.step


def found(pixels: Floats) -> Both | None:
    """The grid of premultiplied pixels [h, w, 4] of at least 12 a side, or None."""
    lines = axis_search.lines_of(pixels), axis_search.lines_of(pixels.swapaxes(0, 1))
    best = _filling(*lines)
    if best is None or best.step < FINE:
        # A sharp part without its edges is nearly explained by a grid that is far too fine.
        placed = _placed(*lines)
        if best is None or (placed and _explains(placed, best)):
            best = placed
    return best if best and not _is_smooth(pixels, best) else None


def found_in_part(pixels: Floats) -> Both | None:
    """Likewise where the edges are those of a part that was cut out."""
    best = _placed(axis_search.lines_of(pixels), axis_search.lines_of(pixels.swapaxes(0, 1)))
    return best if best and not _is_smooth(pixels, best) else None


def _filling(across: Floats, down: Floats) -> Both | None:
    """A grid whose cells fill the whole picture."""
    by_x, by_y = axis_search.filling(across), axis_search.filling(down)
    best = _coarsest(_alike(by_x, by_y, EACH), DEEP)
    if best:
        return best
    apart = Both(*(min(by, key=lambda one: one.depth) for by in (by_x, by_y)))
    return apart if max(apart.across.depth, apart.down.depth) <= APART else None


def _placed(across: Floats, down: Floats) -> Both | None:
    """A grid that may begin anywhere."""
    pairs = _alike(axis_search.placed(across), axis_search.placed(down), EACH_PLACED)
    return _coarsest(pairs, DEEP_PLACED)


def _alike(across: Iterable[Found], down: Iterable[Found], each: float) -> list[Both]:
    """Pairs of about the same step, each of them deep enough."""
    deep = [one for one in down if one.depth <= each]
    return [
        Both(x, y)
        for x in across
        for y in deep
        if x.depth <= each and abs(x.step / y.step - 1) <= ALIKE
    ]


def _coarsest(pairs: list[Both], enough: float) -> Both | None:
    """The deepest pair, if that is deep enough; or the coarsest that explains it."""
    best = min(pairs, key=lambda pair: pair.depth, default=None)
    if best is None or best.depth > enough:
        return None
    coarser = [pair for pair in pairs if _explains(pair, best)]
    return max(coarser, key=lambda pair: pair.step, default=best)


def _explains(one: Both, finer: Both) -> bool:
    """Whether it is coarser, and so deep that the finer one is a part of it."""
    return one.step > (1 + ALIKE) * finer.step and one.depth <= COARSER * finer.depth


def _is_smooth(pixels: Floats, both: Both) -> bool:
    """Whether cells go on as their neighbours began: a photograph's do, no pixel artist's."""
    height, width = pixels.shape[:2]
    rows = _middles(axis_of(height, both.down.step, both.down.offset))
    columns = _middles(axis_of(width, both.across.step, both.across.offset))
    cells = pixels[np.ix_(rows, columns)]
    less = more = onward = 0.0
    for way in (cells, cells.swapaxes(0, 1)):
        steps = np.diff(way, axis=0)
        onward += float((steps[1:] * steps[:-1]).sum())
        size = np.abs(steps).max(2)
        less += float(np.minimum(size[1:], size[:-1]).sum())
        more += float(np.maximum(size[1:], size[:-1]).sum())
    return less > SMOOTH * more and onward > 0


def _middles(axis: Axis) -> Floats:
    at = axis.start + (np.arange(axis.count) + 0.5) * axis.step
    return np.clip(at.astype(np.int64), 0, axis.size - 1)
