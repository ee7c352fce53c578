"""Tileable pictures rolled over their edges: what leaves on one side comes in on the other.

Each is encoded in VIEWS places, one of which is drawn at random at each step: a style then sees
what lies across its edges as often as what lies within. Rolled is the picture itself, before it
comes to its size and to the autoencoder, whose own edges never move into the middle.
"""

from __future__ import annotations

import hashlib

import numpy as np
from PIL import Image

WAYS = ("", "xy", "x", "y")  # not at all, in both directions, over the sides, over top and bottom
VIEWS = 16
SQUARE = 4  # of the views each way, where both are rolled
EDITION = 1  # counts up where this module rolls otherwise than before
WHOLE = 2**16

Shift = tuple[int, int]  # to the right and down, in parts of WHOLE of the picture's side


def shifts(ways: str, hash: str) -> list[Shift | None]:
    """How far each view of the picture with this hash is rolled, always the same for it: one in
    each part of the picture, so that they lie evenly. [None] for `ways` ""."""
    if not ways:
        return [None]
    told = [hashlib.sha256(f"roll {hash} {view}".encode()).digest() for view in range(VIEWS)]
    parts = [(int.from_bytes(one[:2], "big"), int.from_bytes(one[2:4], "big")) for one in told]
    if ways == "xy":
        return [
            ((view % SQUARE * WHOLE + x) // SQUARE, (view // SQUARE * WHOLE + y) // SQUARE)
            for view, (x, y) in enumerate(parts)
        ]
    far = [(view * WHOLE + x) // VIEWS for view, (x, _) in enumerate(parts)]
    return [(one, 0) if ways == "x" else (0, one) for one in far]


def rolled(picture: Image.Image, shift: Shift, grid: int) -> Image.Image:
    """The picture moved by about `shift`, in whole steps of `grid` pixels where its sides are such
    steps: the pixels of enlarged pixel art stay whole."""
    width, height = picture.size
    step = grid if grid > 0 and width % grid == height % grid == 0 else 1
    right, down = (
        part * (side // step) // WHOLE * step
        for part, side in zip(shift, (width, height), strict=True)
    )
    moved = np.roll(np.asarray(picture), (down, right), axis=(0, 1))
    return Image.fromarray(moved, picture.mode)
