"""Cross quads: two flat pictures that cross upright, cut by their alpha and seen from both sides,
as games draw grass and bushes. There is no solid."""

from __future__ import annotations

import numpy as np

from studio.props import shapes
from studio.props.model import Model
from studio.props.panels import FRONT
from studio.props.pictures import Cutout
from studio.props.settings import Settings
from studio.props.shapes import Shape


def make(cutout: Cutout, settings: Settings) -> Model:
    """The planes of a picture; blended where there is glass, or where that is asked for."""
    return shapes.model_of(cutout, settings, _shape(cutout), cut_out=True)


def _shape(cutout: Cutout) -> Shape:
    wide, high = float(cutout.width), float(cutout.height)
    shows = np.array([(0, 0), (wide, 0), (wide, high), (0, high)])
    middle = wide / 2
    front = [(x, y, 0.0) for x, y in shows]
    beside = [(middle, y, middle - x) for x, y in shows]
    return shapes.quads(
        np.array([front, beside]),
        np.array([[(0.0, 0.0, 1.0)] * 4, [(1.0, 0.0, 0.0)] * 4]),
        np.stack([shows, shows]),
        FRONT,
    )
