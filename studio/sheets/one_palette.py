"""One palette for all frames: which colours an animation has, and the same in others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from studio.pixels.hex_colours import hex_of
from studio.pixels.snapping import packed, snapped, unpacked
from studio.sheets.sheet import MOST_COLOURS, Animation, check


def colours_of(animation: Animation) -> tuple[str, ...]:
    """The colours that are seen anywhere in it as "#rrggbb", the most used first; none where there
    are more than 256."""
    seen = Counter[int]()
    for frame in animation.frames:
        rgba = np.asarray(frame.image)
        found, counts = np.unique(packed(rgba[rgba[..., 3] > 0]), return_counts=True)
        if len(found) > MOST_COLOURS:
            return ()
        seen.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        if len(seen) > MOST_COLOURS:
            return ()
    if not seen:
        return ()
    ordered = sorted(seen, key=lambda one: (-seen[one], one))
    return hex_of(unpacked(np.array(ordered, np.uint32)))


def in_palette(animation: Animation, colours: Sequence[str]) -> Animation:
    """The same in these colours alone, by OKLab; alpha stays, and what is less than half there
    keeps its colour. StudioError for what is no colour."""
    held = [
        replace(frame, image=Image.fromarray(snapped(np.array(frame.image), colours), "RGBA"))
        for frame in animation.frames
    ]
    return check(replace(animation, frames=tuple(held), palette=tuple(colours)))
