"""Small pictures written down letter by letter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLOURS = {
    ".": (0, 0, 0, 0),
    "K": (20, 12, 28, 255),
    "R": (200, 40, 50, 255),
    "D": (120, 20, 40, 255),
    "W": (250, 250, 250, 255),
    "G": (60, 160, 70, 255),
    "B": (50, 90, 200, 255),
}


def drawn(rows: list[str]) -> NDArray[np.uint8]:
    """RGBA [h, w, 4] of rows of letters."""
    return np.array([[COLOURS[letter] for letter in row] for row in rows], np.uint8)


def letters(rgba: NDArray[np.uint8]) -> list[str]:
    """The rows of letters that a picture is written in."""
    names = {colour: letter for letter, colour in COLOURS.items()}
    return ["".join(names[tuple(pixel)] for pixel in row) for row in rgba.tolist()]
