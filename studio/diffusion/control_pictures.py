"""What a ControlNet is shown: edges, lines and sketches found in a picture, or the picture itself.

Made with scipy alone, and called what it is: edges are Canny's (1986), lines and sketches are dark
strokes on light paper turned over. A pose or a depth map is drawn ready-made by whoever asks; no
program here finds bodies in pictures.
"""

from __future__ import annotations

import numpy as np
import scipy
from PIL import Image

from studio import images
from studio.diffusion.control_files import KINDS, TILE

READY = ("openpose", "depth")  # kinds whose picture is always given ready-made
FOUND = ("canny", "lineart", "scribble")  # kinds that are found in a picture
HARD = ("openpose",)  # kinds whose colours mean something: never mixed when they are scaled
LOW, HIGH = 100.0, 200.0  # Canny's thresholds, of Sobel's |x| + |y| over 8 bits
GREY = (128, 128, 128)
PAPER, NIGHT = (255, 255, 255), (0, 0, 0)
STROKE = 128  # a grey below which it counts as drawn


def made(kind: str, picture: Image.Image, ready: bool = False) -> Image.Image:
    """What a ControlNet of `kind` (of `control_files.KINDS`) is shown of an RGBA picture, as RGB of
    its size. `ready`: the picture is that already."""
    if kind not in KINDS:
        raise ValueError(kind)
    if kind == TILE:
        return images.on_matte(picture, GREY)
    if ready or kind in READY:
        return images.on_matte(picture, NIGHT)
    if kind == "canny":
        grey = images.on_matte(picture, GREY).convert("L")
        return _lines(edges(np.asarray(grey)) * np.uint8(255))
    strokes = 255 - np.asarray(images.on_matte(picture, PAPER).convert("L"))
    if kind == "scribble":
        strokes = (strokes > 255 - STROKE).astype(np.uint8) * np.uint8(255)
    return _lines(strokes)


def edges(grey: np.ndarray, low: float = LOW, high: float = HIGH) -> np.ndarray:
    """Canny's edges of uint8 [height, width], as bool: where the gradient is largest across itself,
    above `high`, or above `low` and joined to such a place."""
    smooth = scipy.ndimage.gaussian_filter(grey.astype(np.float32), 1.0, mode="nearest")
    across, down = (scipy.ndimage.sobel(smooth, axis, mode="nearest") for axis in (1, 0))
    strength = np.abs(across) + np.abs(down)
    padded = np.pad(strength, 1)
    height, width = grey.shape

    def beside(dy: int, dx: int) -> np.ndarray:
        return padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]

    turn = np.rint(np.arctan2(down, across) / (np.pi / 4)).astype(int) % 4
    largest = np.zeros(grey.shape, bool)
    for number, (dy, dx) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        # Not both by >=: of two equal neighbours one is the edge.
        top = (strength > beside(dy, dx)) & (strength >= beside(-dy, -dx))
        largest |= (turn == number) & top
    weak = largest & (strength > low)
    labels, count = scipy.ndimage.label(weak, np.ones((3, 3), int))
    joined = np.zeros(count + 1, bool)
    joined[np.unique(labels[weak & (strength > high)])] = True
    joined[0] = False
    return np.asarray(joined[labels])


def _lines(grey: np.ndarray) -> Image.Image:
    return Image.fromarray(grey, "L").convert("RGB")
