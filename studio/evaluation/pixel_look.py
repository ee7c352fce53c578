"""What the eye sees of a version's pictures, as metrics: the median of each of
`studio.pixels.figures`, beside the base's, the raw ones' and real art's.

Those of real art have a range: `_low` and `_high` are its 10th and 90th percentile, between which
four of five pictures by hand lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields

import numpy as np
from PIL import Image

from studio.pixels.figures import PixelFigures, figures

NAMES = tuple(field.name for field in fields(PixelFigures))
RANGE = (10, 50, 90)  # percentiles
REAL, RAW, BASE = "real_", "raw_", "base_"


def measured(
    version: Sequence[Image.Image],
    raw: Sequence[Image.Image],
    base: Sequence[Image.Image],
    real: Sequence[Image.Image],
) -> dict[str, float]:
    """The metrics by name, of RGBA pictures; those of a side without any are left out, `raw` where
    finishing changed nothing."""
    found: dict[str, float] = {}
    sides: Mapping[str, Sequence[Image.Image]] = {"": version, RAW: raw, BASE: base, REAL: real}
    for side, pictures in sides.items():
        if not pictures:
            continue
        each = np.array([astuple(figures(np.asarray(one.convert("RGBA")))) for one in pictures])
        low, middle, high = np.percentile(each, RANGE, axis=0)
        for place, name in enumerate(NAMES):
            found[f"{side}{name}"] = float(middle[place])
            if side == REAL:
                found[f"{side}{name}_low"] = float(low[place])
                found[f"{side}{name}_high"] = float(high[place])
    return found
