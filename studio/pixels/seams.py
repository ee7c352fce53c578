"""Whether a picture that is repeated shows a seam: how much its edge stands out from its inside.

Two measures, since one alone is blind for half of what games repeat. *Lines*: the step between the
last column and the first, against the larger steps between columns within; tells grass, stone and
clouds. A wall's own joints are larger steps than its cut, so that the same is asked once more of
the lower rows' steps, which leave joints out. *Strips*: a strip across the edge, as high as the
picture, against the one inside that is most like it, and against how like each other those inside
are; tells walls and other patterns, and is asked only where strips are like each other. Each is a
multiple of what is still whole: the largest one is the figure.

The bars were set on the controls of benchmarks/seams.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WHOLE, CUT, OPEN = "whole", "cut", "not opaque"
LINE_BAR = 1.22  # times the inner columns' 90th percentile
LOW_BAR = 1.46  # the same, of the LOW part of the rows' steps
STRIP_BAR = 1.12  # times the strip that is least like another
LOW = 0.4
LARGEST = 0.8  # of the largest one, which an edge may reach
PATTERN = 1.3  # times as far from any strip as from the one most like it: there is a pattern
STRIP, LEAST_STRIP = 24, 6  # pixels wide at most; narrower ones tell nothing
BESIDE = 3  # pixels from the edge that have to be opaque
MOST_OPEN = 0.05  # of those that may be transparent
# Of what is looked at, at most; more is sampled evenly.
ROWS, LINES, STRIP_ROWS, STRIP_COLUMNS = 1024, 512, 48, 256
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
    line, low = _lines(picture) if wide > 2 else (0.0, 0.0)
    figure = max(line / LINE_BAR, low / LOW_BAR, _strips(picture) / STRIP_BAR)
    return Seam(figure, figure > 1)


def _lines(picture: Pixels) -> tuple[float, float]:
    """The step over the edge, in steps between columns within, of those the 90th percentile: of
    all rows' mean, and of the LOW quantile of the rows."""
    high, wide = picture.shape[:2]
    rows = picture[_evenly(high, ROWS)]
    at = _evenly(wide - 1, LINES)
    within = np.abs(_seen(rows[:, at]) - _seen(rows[:, at + 1])).mean(2)
    over = np.abs(_seen(rows[:, -1]) - _seen(rows[:, 0])).mean(1)
    mean = over.mean() + BLUR, np.percentile(within.mean(0), 90) + BLUR
    own = np.quantile(within, LOW, axis=0)
    # In art of few colours it is 0 nearly everywhere, which the largest one shows.
    usual = max(np.percentile(own, 90), LARGEST * own.max()) + BLUR
    return float(mean[0] / mean[1]), float((np.quantile(over, LOW) + BLUR) / usual)


def _strips(picture: Pixels) -> float:
    """How far the strip across the edge is from the one within that is most like it, in such
    distances of strips within, of those the largest; 0 where those are like no other."""
    high, wide = picture.shape[:2]
    width = min(STRIP, wide // 4)
    if width < LEAST_STRIP:
        return 0.0
    rows = picture[_evenly(high, STRIP_ROWS)]
    before = width // 2
    over = np.concatenate([rows[:, -before:], rows[:, : width - before]], axis=1)
    within = np.lib.stride_tricks.sliding_window_view(_seen(rows[:, :STRIP_COLUMNS]), width, axis=1)
    strips = within.transpose(1, 0, 3, 2).reshape(within.shape[1], -1)
    far = _apart(strips, strips)
    places = np.arange(len(strips))
    far[abs(places[:, None] - places) < before] = np.nan  # itself
    nearest = np.nanmin(far, axis=1)
    if np.nanmedian(far) + BLUR < PATTERN * (np.median(nearest) + BLUR):
        return 0.0
    edge = _apart(_seen(over).reshape(1, -1), strips).min()
    return float((edge + 2 * BLUR) / (nearest.max() + 2 * BLUR))


def _apart(some: Floats, others: Floats) -> Floats:
    """From each of `some` [n, d] to each of `others` [m, d]: roots of the mean square, [n, m]."""
    squares = (some**2).sum(1)[:, None] + (others**2).sum(1) - 2 * some @ others.T
    apart: Floats = np.sqrt(squares.clip(0) / some.shape[1])
    return apart


def _seen(pixels: Pixels) -> Floats:
    """RGBA [..., 4] as floats 0..1, colours as much as they are seen."""
    unit: Floats = pixels.astype(np.float32) / np.float32(255)
    unit[..., :3] *= unit[..., 3:]
    return unit


def _evenly(count: int, most: int) -> NDArray[np.intp]:
    """At most `most` of the places 0 to count - 1."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
