"""Colours that noise or JPEG drew apart, brought together: pixel art has few, and what one pixel
lost its likes have kept. One step of a mean shift (Fukunaga and Hostetler, 1975)."""

from __future__ import annotations

import numpy as np
import scipy

from studio.pixels.enlarging import Floats

# Levels within which colours are likes, of luma and of either chroma. JPEG keeps luma well.
ALIKE = (0.8, 6.0, 6.0)
FIELDS = 2  # of the histogram, in each of these


def brought_together(colours: Floats) -> Floats:
    """Luma and chromas [n, 3], each as the mean of those like it, near ones counting more."""
    width = np.array(ALIKE) / FIELDS
    fields = np.rint((colours - colours.min(0)) / width).astype(np.int64)
    shape = tuple(fields.max(0) + 1)
    at = np.ravel_multi_index(tuple(fields.T), shape)
    number = np.bincount(at, minlength=int(np.prod(shape))).astype(np.float32).reshape(shape)
    number = _spread(number).ravel()[at]
    sums = [
        _spread(np.bincount(at, channel, int(np.prod(shape))).astype(np.float32).reshape(shape))
        for channel in colours.T
    ]
    found: Floats = np.stack([one.ravel()[at] / number for one in sums], -1)
    return found


def _spread(histogram: Floats) -> Floats:
    spread: Floats = scipy.ndimage.gaussian_filter(histogram, FIELDS, mode="constant", truncate=3)
    return spread
