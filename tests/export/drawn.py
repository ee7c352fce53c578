"""Small sprites and sheets of the tests' own."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from studio.export.pieces import Fields, Layout, Piece, Region, Run


def sprite(side: int = 8, seed: int = 1) -> Image.Image:
    """Opaque noise with a transparent border of one pixel."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (side, side, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[[0, -1]] = pixels[:, [0, -1]] = 0
    return Image.fromarray(pixels, "RGBA")


def walk() -> Layout:
    """Three frames of 16 x 12, the second trimmed, on a sheet of 40 x 16."""
    return Layout(
        16,
        12,
        (
            Region("0", 1, 1, 16, 12, 0, 0, 83),
            Region("1", 19, 2, 6, 8, 5, 3, 83),
            Region("2", 23, 1, 16, 12, 0, 0, 166),
        ),
        (Run("walk", (0, 1, 2, 1)), Run("hit", (2,), 1)),
    )


def sheet(asset: str = "5e7a1c", normals: bool = True) -> Piece:
    """A sheet with normals, whose pivot is on its feet."""
    flat = Image.new("RGBA", (40, 16), (128, 128, 255, 255))
    return Piece(
        asset,
        "sheet",
        Fields("heroes", "ana"),
        image=sprite(40).crop((0, 0, 40, 16)),
        normals=flat if normals else None,
        layout=walk(),
        pivot=(8.0, 11.0),
    )


def picture(asset: str = "ab12", **more: Any) -> Piece:
    """A picture of 8 x 8."""
    return Piece(asset, "picture", Fields("props", "gem", "1"), **{"image": sprite(), **more})
