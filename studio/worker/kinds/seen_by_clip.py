"""Pictures of datasets as the practice base's CLIP sees them."""

from __future__ import annotations

from PIL import Image

from studio import images
from studio.context import set_threads
from studio.diffusion import bundled_bases
from studio.evaluation.features import Features, pocket_features
from studio.settings import Settings


def pocket(settings: Settings, matte: str) -> Features:
    """What gives vectors of pictures and texts; `matte` lies behind the pictures."""
    set_threads(settings)
    return pocket_features(bundled_bases.CLIP, images.parse_colour(matte))


def at_32(picture: Image.Image, filter: str) -> Image.Image:
    """A picture at the size that it was taught at."""
    return images.scaled(picture, 32, filter if filter == "nearest" else "box")
