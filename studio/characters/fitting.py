"""A drawn figure as a cell of the matrix: on a canvas of the character's own size, its height in
pixels, its feet on the ground line, wholly opaque or not at all, in one palette."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy import ndimage

from studio import images
from studio.characters.poses import FIGURE, GROUND
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.background import without_background
from studio.pixels.hex_colours import Pixels
from studio.pixels.snapping import hard_alpha, snapped

SPECK = 0.02  # of the largest piece: smaller ones beside it are no part of the figure


class NothingDrawn(StudioError):
    """A picture in which nothing opaque is left."""


def side_of(height: int) -> int:
    """The side in pixels of a cell whose figure is `height` pixels tall."""
    return round(height / FIGURE)


def ground_of(height: int) -> int:
    """How many rows of such a cell are above the ground: the first one below the feet."""
    return round(side_of(height) * GROUND)


def of_pose(
    picture: Image.Image, height: int, colours: Sequence[str], grounded: bool = True
) -> Image.Image:
    """A square RGBA picture that was led by a pose (`poses.seen`), so that its figure is as large
    as the pose's in it. Without `colours` it keeps its own. `grounded`: its lowest row is moved on
    to the ground line. NothingDrawn where nothing is."""
    small = images.scaled(_cut(picture), side_of(height), "box")
    return _finished(np.asarray(small), height, colours, grounded)


def of_figure(picture: Image.Image, height: int, colours: Sequence[str]) -> Image.Image:
    """An RGBA picture of a figure that no pose led: what is drawn becomes `height` pixels tall, or
    as tall as the cell's width lets it, and stands in the middle. StudioError as `of_pose`."""
    rgba = _without_specks(np.asarray(_cut(picture)))
    left, top, right, low = _box(rgba)
    side = side_of(height)
    share = min(height / (low - top), side / (right - left))
    size = max(1, round((right - left) * share)), max(1, round((low - top) * share))
    figure = Image.fromarray(np.ascontiguousarray(rgba[top:low, left:right]), "RGBA")
    small = figure.convert("RGBa").resize(size, Image.Resampling.BOX).convert("RGBA")
    canvas = Image.new("RGBA", (side, side))
    canvas.paste(small, ((side - size[0]) // 2, ground_of(height) - size[1]))
    return _finished(np.asarray(canvas), height, colours, True)


def tall(picture: Image.Image) -> int:
    """How many rows what is drawn takes, 0 where nothing is."""
    rows = np.flatnonzero((np.asarray(picture.getchannel("A")) >= OPAQUE).any(1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def _finished(rgba: Pixels, height: int, colours: Sequence[str], grounded: bool) -> Image.Image:
    out = _without_specks(hard_alpha(rgba))
    if colours:
        out = snapped(out, colours)
    if grounded:
        out = _lowered(out, ground_of(height) - _box(out)[3])
    return Image.fromarray(out, "RGBA")


def _cut(picture: Image.Image) -> Image.Image:
    """Without its background, where that is plain and nothing was cut yet."""
    return Image.fromarray(without_background(np.array(picture.convert("RGBA"))), "RGBA")


def _without_specks(rgba: Pixels) -> Pixels:
    """Without pieces that are far smaller than the largest: one below the feet would lift them."""
    labels, count = ndimage.label(rgba[..., 3] >= OPAQUE, np.ones((3, 3), int))
    if not count:
        raise NothingDrawn("Nothing is drawn in it.", "Draw it again with another seed.")
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    small = sizes < SPECK * sizes.max()
    small[0] = False
    out = rgba.copy()
    out[small[labels]] = 0
    return out


def _lowered(rgba: Pixels, rows: int) -> Pixels:
    """Moved down by so many rows, up by a negative number; what falls off is gone."""
    if rows == 0:
        return rgba
    out = np.zeros_like(rgba)
    if rows > 0:
        out[rows:] = rgba[:-rows]
    else:
        out[:rows] = rgba[-rows:]
    return out


def _box(rgba: Pixels) -> tuple[int, int, int, int]:
    drawn = rgba[..., 3] >= OPAQUE
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
