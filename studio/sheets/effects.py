"""Effects as flipbooks: frames as engines blend fire, smoke and light. Straight alpha is as drawn;
premultiplied colours are already multiplied by it; on black they are added to what is behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels
from studio.sheets.sheet import Animation, check

WAYS = ("straight", "premultiplied", "black")


def flipbook(animation: Animation, way: str) -> Animation:
    """All frames in that way of blending. On black every pixel is opaque, and a palette that was
    said holds no longer in both others. StudioError for another way."""
    if way not in WAYS:
        raise StudioError(
            f"{numbers.shown(way)} is no way of blending.", f"Use one of {', '.join(WAYS)}."
        )
    if way == "straight":
        return animation
    make = premultiplied if way == "premultiplied" else on_black
    frames = [
        replace(one, image=Image.fromarray(make(np.asarray(one.image)), "RGBA"))
        for one in animation.frames
    ]
    return check(replace(animation, frames=tuple(frames), palette=()))


def premultiplied(rgba: Pixels) -> Pixels:
    """Colours times alpha, rounded; alpha stays."""
    return np.dstack([_weighed(rgba), rgba[..., 3]])


def on_black(rgba: Pixels) -> Pixels:
    """What is seen of it before black, opaque: for additive blending."""
    return np.dstack([_weighed(rgba), np.full(rgba.shape[:2], 255, np.uint8)])


def from_black(rgba: Pixels) -> Pixels:
    """Straight alpha of what was drawn on black: the strongest channel becomes alpha, and before
    black it looks as it did, to a level."""
    seen = _weighed(rgba).astype(np.float64)
    alpha = seen.max(-1)
    colour = seen * 255 / np.maximum(alpha, 1)[..., None]
    return np.dstack([np.rint(colour), alpha]).astype(np.uint8)


def from_premultiplied(rgba: Pixels) -> Pixels:
    """Straight colours of premultiplied ones; where alpha is low, levels were lost for good."""
    alpha = rgba[..., 3:].astype(np.float64)
    colour = np.rint(rgba[..., :3] * 255.0 / np.maximum(alpha, 1))
    return np.dstack([np.clip(colour, 0, 255).astype(np.uint8), rgba[..., 3]])


def _weighed(rgba: Pixels) -> Pixels:
    return np.rint(rgba[..., :3] * (rgba[..., 3:] / 255.0)).astype(np.uint8)
