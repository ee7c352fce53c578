"""A prop's poster: what walls show of it, drawn once when it is made."""

from __future__ import annotations

from PIL import Image

from studio.props import cameras, raster, shading
from studio.props.model import Model

AZIMUTH, ELEVATION = 30.0, 15.0  # degrees: three quarters from the front, a little from above
MARGIN = 0.06  # of the side
FINE = 2  # drawn twice as large


def poster(model: Model, side: int = 256) -> Image.Image:
    """The model on nothing, RGBA, `side` pixels wide and high, seen from the front at three
    quarters with its edges smoothed. The same model gives the same pixels. StudioError for a model
    without a triangle, and as `raster.draw`."""
    size = (side, side)
    camera = cameras.fitted(model, AZIMUTH, ELEVATION, size, margin=MARGIN)
    return raster.draw(model, camera, size, shading.SOFT, fine=FINE)
