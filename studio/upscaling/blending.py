"""Weighted means of pixels in whole numbers: equal pixels stay equal.

They are rounded to the nearest level, or by thresholds that change from pixel to pixel: so a faint
ramp climbs a little everywhere, and not by a whole level along a line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Weights = NDArray[np.uint32]
STEPS = 16  # thresholds


def thresholds(columns: NDArray[np.intp], rows: NDArray[np.intp]) -> Weights:
    """For pixels by where they lie in a picture [rows, columns], each of 0 to STEPS - 1 once in
    STEPS pixels of a row, and of a column: a lattice of rank 1."""
    x, y = ((times * at % STEPS).astype(np.uint32) for times, at in ((5, columns), (7, rows)))
    return (x[None, :] + y[:, None]) % np.uint32(STEPS)


class Mean:
    """Gathers pixels [height, width, 3 or 4], each with a weight, and gives their mean; colours of
    RGBA count as much as they are seen. The weights at one pixel may add up to 2^24 for RGB, and
    2^40 for RGBA."""

    def __init__(self, height: int, width: int, channels: int) -> None:
        self._alpha = channels == 4
        kind = np.uint64 if self._alpha else np.uint32
        # Channel by channel: NumPy is slow on a last axis of three.
        self._sums = np.zeros((channels, height, width), kind)
        self._total = np.zeros((height, width), kind)

    def add(self, left: int, top: int, pixels: Pixels, weights: NDArray[np.integer]) -> None:
        """Add a part [h, w, channels] at this place with its weights [h, w]."""
        height, width = weights.shape
        place = (slice(top, top + height), slice(left, left + width))
        weights = weights.astype(self._total.dtype, copy=False)
        self._total[place] += weights
        if self._alpha:
            weights = pixels[..., 3] * weights
            self._sums[3][place] += weights
        for channel in range(3):
            self._sums[channel][place] += pixels[..., channel] * weights

    def mean(self, thresholds: Weights | None = None) -> Pixels:
        """The mean [height, width, channels]; 0 where nothing was added, and no colour where
        nothing is seen. Rounded by the `thresholds` [height, width] where they are given."""
        parts = 1 if thresholds is None else 2 * thresholds.astype(self._total.dtype) + 1
        of = 2 if thresholds is None else 2 * STEPS
        found = np.empty((*self._total.shape, len(self._sums)), np.uint8)
        total = np.maximum(self._total, 1)
        under = np.maximum(self._sums[3], 1) if self._alpha else total
        more = under * parts // of
        for channel in range(3):
            found[..., channel] = (self._sums[channel] + more) // under
        if self._alpha:
            found[..., 3] = (self._sums[3] + total * parts // of) // total
        return found

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Where anything was added [height, width]."""
        return self._total > 0
