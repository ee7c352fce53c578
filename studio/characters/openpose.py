"""A pose drawn as ControlNets of the kind `openpose` were taught: OpenPose's own colours and limbs.

Colours, limbs and widths are those of OpenPose's picture of a body (Cao et al. 2019, COCO model) as
the annotators that made the ControlNets' lessons drew it (lllyasviel/ControlNet and
huggingface/controlnet_aux, `draw_bodypose`): on black, each limb an ellipse of 60 % brightness and
8 pixels wide in a picture of 512, over it each joint a dot as wide. No colours are mixed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from studio.characters.poses import Point

COLOURS = (
    *((255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0)),
    *((0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255)),
    *((0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85)),
)
LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10)),
    *((1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
DIM = 0.6
HALF_WIDTH = 4 / 512  # of a picture's side
CORNERS = 24  # of an ellipse


def drawn(points: Sequence[Point | None], side: int) -> Image.Image:
    """Points in shares of a side (`poses.seen`) as an opaque RGBA picture of `side` pixels."""
    picture = Image.new("RGB", (side, side))
    canvas, half = ImageDraw.Draw(picture), max(0.5, HALF_WIDTH * side)
    placed = [None if one is None else (one[0] * side, one[1] * side) for one in points]
    for (first, last), colour in zip(LIMBS, COLOURS, strict=False):
        one, other = placed[first], placed[last]
        if one is not None and other is not None:
            red, green, blue = (int(level * DIM) for level in colour)
            canvas.polygon(_ellipse(one, other, half), fill=(red, green, blue))
    for point, colour in zip(placed, COLOURS, strict=True):
        if point is not None:
            x, y = point
            canvas.ellipse((x - half, y - half, x + half, y + half), fill=colour)
    return picture.convert("RGBA")


def _ellipse(one: Point, other: Point, half: float) -> list[Point]:
    """The corners of an ellipse from one point to the other, `half` as wide to each side."""
    middle = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    length, turn = math.dist(one, other) / 2, math.atan2(other[1] - one[1], other[0] - one[0])
    corners = []
    for number in range(CORNERS):
        round_ = 2 * math.pi * number / CORNERS
        along, aside = length * math.cos(round_), half * math.sin(round_)
        corners.append(
            (
                middle[0] + along * math.cos(turn) - aside * math.sin(turn),
                middle[1] + along * math.sin(turn) + aside * math.cos(turn),
            )
        )
    return corners
