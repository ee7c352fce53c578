"""Pictures of datasets as the practice base's CLIP sees them."""

from __future__ import annotations

from PIL import Image

from studio import images
from studio.diffusion import bundled_bases
from studio.evaluation.features import Features, pocket_features


def pocket(matte: str) -> Features:
    """What gives vectors of pictures and texts; `matte` lies behind the pictures."""
    return pocket_features(bundled_bases.CLIP, images.parse_colour(matte))


def at_32(picture: Image.Image, filter: str) -> Image.Image:
    """A picture at the size that it was taught at."""
    return images.scaled(picture, 32, filter if filter == "nearest" else "box")
