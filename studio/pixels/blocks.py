"""Pixel art that was enlarged by a whole factor, back at its own size."""

from __future__ import annotations

import numpy as np

from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels


def reduced(rgba: Pixels, factor: int) -> Pixels:
    """Each block of `factor` x `factor` pixels as one: opaque where half of it is, in the median
    colour of its inner half, since scaling and JPEG spoil a block's edges first. Rows and columns
    that fill no block go."""
    if factor == 1:
        return rgba
    height, width = (side // factor for side in rgba.shape[:2])
    blocks = rgba[: height * factor, : width * factor]
    blocks = blocks.reshape(height, factor, width, factor, 4).swapaxes(1, 2)
    margin = factor // 4
    inner = blocks[:, :, margin : factor - margin, margin : factor - margin]
    inner = inner.reshape(height, width, -1, 4)
    out = np.zeros((height, width, 4), np.uint8)
    # The median of opaque pixels alone: what is hidden under alpha 0 has no colour.
    shown = np.where(inner[..., 3:] >= OPAQUE, inner[..., :3].astype(np.float32), np.nan)
    alpha = blocks[..., 3].mean((2, 3))
    drawn = (alpha >= OPAQUE) & ~np.isnan(shown[..., 0]).all(-1)
    out[drawn, :3] = np.nanmedian(shown[drawn], axis=1).astype(np.uint8)
    out[..., 3] = np.where(drawn, np.rint(alpha), 0)
    return out
