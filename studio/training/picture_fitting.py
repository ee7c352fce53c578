"""A picture as the autoencoder sees it: fitted to a size, on what lies behind it, with a map of
where it counts.

Pixel art is scaled by whole factors with nearest neighbour and gets borders. Other pictures get
borders where they are transparent anyway, and are otherwise cut a little so that none is needed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio import images
from studio.training.buckets import Size

# Under alpha 0 a base that draws alpha expects mid-grey, 0 in its range of -1 to 1.
HIDDEN = (128, 128, 128)
EDITION = 1  # counts up where this module shows a picture otherwise than before
VIEWS = 4  # mattes of one picture where each step should see a random one
BLEED = "edge-bleed"


@dataclass(frozen=True)
class Fit:
    """How a picture comes to a size: the size, the filter, and whether it covers it and is cut
    rather than fitted into it."""

    size: Size
    filter: str
    covers: bool = False


def pixels(picture: Image.Image, fit: Fit, behind: object) -> tuple[np.ndarray, np.ndarray]:
    """The picture as the autoencoder takes it, float32 [3 or 4, h, w] in -1 to 1, and its alpha,
    uint8 [h, w].

    `behind` is a colour, BLEED, or None for a base that draws alpha, which gets all four channels.
    """
    placed = _placed(picture, fit)
    alpha = np.asarray(placed)[..., 3]
    if behind is None:
        shown = np.array(placed)
        shown[alpha == 0, :3] = HIDDEN
    elif behind == BLEED:
        shown = np.asarray(images.bled(placed))
    else:
        assert isinstance(behind, (tuple, list))
        shown = np.asarray(images.on_matte(placed, (behind[0], behind[1], behind[2])))
    return shown.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1, alpha


def mask(picture: Image.Image, fit: Fit) -> np.ndarray:
    """A mask's grey, uint8 [h, w], placed as its picture is; 255 on the borders around it."""
    grey = Image.new("RGBA", picture.size)
    grey.putalpha(255)
    flat = images.as_grey(picture)
    placed = np.array(_placed(Image.merge("RGBA", (flat, flat, flat, grey.getchannel("A"))), fit))
    placed[placed[..., 3] == 0] = 255
    return placed[..., 0]


def coarse(values: np.ndarray, size: Size) -> np.ndarray:
    """Means over the places [h, w] of a latent of this width and height, uint8."""
    averaged = Image.fromarray(values, "L").resize(size, Image.Resampling.BOX)
    return np.asarray(averaged)


def cut_of(picture: Size, fit: Fit) -> tuple[int, int]:
    """How many scaled pixels are cut off at the top and at the left, as SDXL is told."""
    if not fit.covers:
        return 0, 0
    share = max(fit.size[0] / picture[0], fit.size[1] / picture[1])
    wide = max(fit.size[0], round(picture[0] * share))
    high = max(fit.size[1], round(picture[1] * share))
    return (high - fit.size[1]) // 2, (wide - fit.size[0]) // 2


def behind(kind: str, matte: str, hash: str) -> list[object]:
    """What lies behind each view of the picture with this hash: one, or VIEWS random colours that
    are always the same for it."""
    if kind == BLEED:
        return [BLEED]
    if kind == "random":
        told = [hashlib.sha256(f"matte {hash} {view}".encode()).digest() for view in range(VIEWS)]
        return [[one[0], one[1], one[2]] for one in told]
    return [list(images.parse_colour(matte))]


def _placed(picture: Image.Image, fit: Fit) -> Image.Image:
    if fit.covers:
        return images.covering(picture, fit.size, fit.filter)[0]
    return images.fitted(picture, fit.size, fit.filter)
