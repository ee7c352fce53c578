"""Whether a picture that is repeated shows a seam: how much its edge stands out from its inside.

Two measures, since one alone is blind for half of what games repeat. *Lines*: the step between the
last column and the first, against the larger steps between columns within; tells grass, stone and
clouds. A wall's own joints are larger steps than its cut, so that the same is asked once more of
the lower rows' steps, which leave joints out. *Patches*: squares across the edge, against those
inside that are most like them; tells walls, and is blind for noise, of which no square is like
another. Each is a multiple of what is still whole: the largest one is the figure.

The bars were set on the controls of benchmarks/seams.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHOLE, CUT, OPEN = "whole", "cut", "not opaque"
LINE_BAR = 1.22  # times the inner columns' 90th percentile
LOW_BAR = 1.41  # the same, of the LOW part of the rows' steps
PATCH_BAR = 1.21  # times the inner squares' mean
LOW = 0.4
PATCH = 6  # pixels a side of a square
STRADDLES = (1, 3, 5)  # of its columns that lie before the edge
BESIDE = 3  # pixels from the edge that have to be opaque
MOST_OPEN = 0.05  # of those that may be transparent
# Of what is looked at, at most; more is sampled evenly.
ROWS, LINES, ACROSS, WITHIN, KNOWN = 1024, 512, 24, 8, 3000
BLUR = 1 / 255  # a step that nobody sees

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seam:
    """What an edge is like: `figure` above 1 stands out. `opaque` False: too much of it is
    transparent to tell, and the figure is 0."""

    figure: float
    cut: bool
    opaque: bool = True

    @property
    def verdict(self) -> str:
        """WHOLE, CUT or OPEN."""
        return CUT if self.cut else WHOLE if self.opaque else OPEN


def seam(rgba: Pixels, axis: str) -> Seam:
    """Of a picture [h, w, 4] that is repeated along `axis`, "x" or "y". A few milliseconds up to
    512 pixels a side, and a bounded time whatever the size."""
    picture = rgba if axis == "x" else rgba.swapaxes(0, 1)
    wide = picture.shape[1]
    beside = np.concatenate([picture[:, -BESIDE:, 3], picture[:, :BESIDE, 3]], axis=1)
    if (beside < 128).mean() > MOST_OPEN:
        return Seam(0.0, False, opaque=False)
    figure = _lines(picture) if wide > 2 else 0.0
    if wide > 2 * PATCH and picture.shape[0] > 2 * PATCH:
        figure = max(figure, _patches(picture) / PATCH_BAR)
    return Seam(float(figure), figure > 1)


def _lines(picture: Pixels) -> float:
    """The step over the edge, in steps between columns within, of those the 90th percentile, and
    in bars: of all rows' mean, or of the LOW quantile of the rows."""
    high, wide = picture.shape[:2]
    rows = picture[_evenly(high, ROWS)]
    at = _evenly(wide - 1, LINES)
    within = np.abs(_seen(rows[:, at]) - _seen(rows[:, at + 1])).mean(2)
    over = np.abs(_seen(rows[:, -1]) - _seen(rows[:, 0])).mean(1)
    mean = _against(over.mean(), within.mean(0))
    low = _against(np.quantile(over, LOW), np.quantile(within, LOW, axis=0))
    return max(mean / LINE_BAR, low / LOW_BAR)


def _against(over: np.floating[Any], within: NDArray[Any]) -> float:
    return float((over + BLUR) / (np.percentile(within, 90) + BLUR))


def _patches(picture: Pixels) -> float:
    """How far squares across the edge are from the inner ones most like them, in such distances of
    inner squares."""
    high, wide = picture.shape[0] - PATCH + 1, picture.shape[1] - PATCH + 1
    squares = np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH), axis=(0, 1))
    known = np.arange(high * wide)
    if len(known) > KNOWN:
        known = np.random.default_rng(0).choice(len(known), KNOWN, replace=False)
    y, x = np.divmod(known, wide)
    inner = _vectors(squares[y, x])
    rows = _evenly(high, ACROSS)
    over = []
    for before in STRADDLES:
        joined = np.concatenate([picture[:, -before:], picture[:, : PATCH - before]], axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(joined, (PATCH, PATCH), axis=(0, 1))
        over.append(_nearest(_vectors(windows[rows, 0]), inner).mean())
    at_y, at_x = (one.ravel() for one in np.meshgrid(rows, _evenly(wide, WITHIN), indexing="ij"))
    own = (abs(y - at_y[:, None]) < PATCH) & (abs(x - at_x[:, None]) < PATCH)
    within = _nearest(_vectors(squares[at_y, at_x]), inner, own)
    return float((np.mean(over) + 2 * BLUR) / (within.mean() + 2 * BLUR))


def _nearest(
    squares: Floats, known: Floats, own: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """From each of `squares` [n, d] to the nearest of `known` [m, d] that `own` [n, m] does not
    leave out: the root of the mean square over d."""
    far = (squares**2).sum(1)[:, None] + (known**2).sum(1) - 2 * squares @ known.T
    if own is not None:
        far[own] = np.inf
    nearest: Floats = np.sqrt(far.min(1).clip(0) / squares.shape[1])
    return nearest


def _vectors(windows: Pixels) -> Floats:
    """Squares [n, 4, PATCH, PATCH] as what is seen of them, [n, d]."""
    return _seen(windows.transpose(0, 2, 3, 1)).reshape(len(windows), -1)


def _seen(pixels: Pixels) -> Floats:
    """RGBA [..., 4] as floats 0..1, colours as much as they are seen."""
    unit: Floats = pixels.astype(np.float32) / np.float32(255)
    unit[..., :3] *= unit[..., 3:]
    return unit


def _evenly(count: int, most: int) -> NDArray[np.intp]:
    """At most `most` of the places 0 to count - 1."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
