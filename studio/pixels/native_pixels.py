"""Native pixels of enlarged art, where its grid is known: the kernel that enlarged it is the one
that explains the picture best, and undone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.pixels.enlarging import KERNELS, Axis, Floats, Kernel, axis_of, mixing, native_lines
from studio.pixels.hex_colours import Pixels

TRIED = 768  # pixels a side of the part that tells the kernel
SOFT = 0.6  # of the error of nearest: from there on another kernel made the picture
INNER = 0.25  # of a cell at each of its edges, which scaling and JPEG spoil first
SAMPLES = 7  # each way in a cell, at most
ROWS = 512  # at once: a large picture as floats would be four times it
NEAR = 8  # levels from which an alpha is taken for none, or for all


def premultiplied(rgba: Pixels) -> Floats:
    """Colours multiplied by alpha, so that what is hidden counts for nothing; 0 to 255."""
    floats = rgba.astype(np.float32)
    floats[..., :3] *= floats[..., 3:] / 255
    return floats


def native_pixels(rgba: Pixels, across: Axis, down: Axis) -> Pixels:
    """Every native pixel of which a part is seen, [down.count, across.count, 4].

    Nearest is undone by the median of a cell's inner part, which neither soft edges nor noise
    reach; other kernels by least squares. Colours under alpha 0 are 0.
    """
    kernel = _kernel(rgba, across, down)
    if kernel == "nearest":
        return _medians(rgba, across, down)
    halfway = np.empty((down.size, across.count, 4), np.float32)
    for top in range(0, down.size, ROWS):
        part = premultiplied(rgba[top : top + ROWS])
        halfway[top : top + ROWS] = _solved(part, across, kernel)
    return _plain(_solved(halfway.swapaxes(0, 1), down, kernel).swapaxes(0, 1))


def _solved(pixels: Floats, axis: Axis, kernel: Kernel) -> Floats:
    """Pixels [h, size, 4] as native ones along x, [h, count, 4]."""
    height = len(pixels)
    lines = pixels.swapaxes(0, 1).reshape(axis.size, height * 4)
    return native_lines(lines, axis, kernel).reshape(axis.count, height, 4).swapaxes(0, 1)


def _plain(native: Floats) -> Pixels:
    """Premultiplied pixels as RGBA, alpha that noise moved by a little put back."""
    alpha = native[..., 3:]
    alpha = np.where(alpha < NEAR, 0, np.where(alpha > 255 - NEAR, 255, alpha))
    colours = np.where(alpha > 0, native[..., :3] * (255 / np.maximum(alpha, 1)), 0)
    plain: Pixels = np.rint(np.concatenate([colours, alpha], -1).clip(0, 255)).astype(np.uint8)
    return plain


def _kernel(rgba: Pixels, across: Axis, down: Axis) -> Kernel:
    """What enlarged the picture, as its middle tells."""
    (left, across), (top, down) = _middle(across), _middle(down)
    pixels = premultiplied(rgba[top : top + down.size, left : left + across.size])
    errors: dict[Kernel, float] = {}
    for kernel in KERNELS:
        native = _solved(pixels, across, kernel)
        native = _solved(native.swapaxes(0, 1), down, kernel)  # [across, down, 4]
        shape = (across.count, down.size * 4)
        wide = mixing(down, kernel).matrix() @ native.swapaxes(0, 1).reshape(down.count, -1)
        wide = wide.reshape(down.size, across.count, 4).swapaxes(0, 1).reshape(shape)
        again = mixing(across, kernel).matrix() @ wide
        again = again.reshape(across.size, down.size, 4).swapaxes(0, 1)
        errors[kernel] = float(np.sqrt(((again - pixels) ** 2).mean()))
    best = min(errors, key=lambda kernel: errors[kernel])
    return best if errors[best] < SOFT * errors["nearest"] else "nearest"


def _middle(axis: Axis) -> tuple[int, Axis]:
    """Where the middle part of an axis begins, and that part."""
    first = max(0, (axis.size - TRIED) // 2)
    return first, axis_of(min(TRIED, axis.size), axis.step, axis.start - first)


def _medians(rgba: Pixels, across: Axis, down: Axis) -> Pixels:
    """The median of each cell's inner part: of alpha, then of the colours of what is drawn. With an
    even number it is one of the two in the middle, so that no level is made up."""
    columns, rows = _samples(across), _samples(down)
    out = np.zeros((down.count, across.count, 4), np.uint8)
    for row in range(down.count):
        cells = rgba[np.ix_(rows[row], columns.ravel())]
        cells = cells.reshape(len(rows[row]), across.count, -1, 4).swapaxes(0, 1)
        cells = cells.reshape(across.count, -1, 4)
        alpha = np.sort(cells[..., 3], axis=1)[:, cells.shape[1] // 2]
        # Hidden colours mean nothing: they are sorted behind all others.
        drawn = cells[..., 3:] >= np.maximum(alpha // 2, 1)[:, None, None]
        ordered = np.sort(np.where(drawn, cells[..., :3], np.int16(256)), axis=1)
        middle = np.maximum(drawn.sum(1, keepdims=True) - 1, 0) // 2
        colours = np.take_along_axis(ordered, middle, axis=1)[:, 0]
        out[row, alpha > 0, :3] = colours[alpha > 0]
        out[row, :, 3] = alpha
    return out


def _samples(axis: Axis) -> NDArray[np.int64]:
    """Pixels [count, n] in the inner part of each cell; of a cell that is cut, in what is seen."""
    number = int(np.clip(np.ceil(axis.step * (1 - 2 * INNER)), 1, SAMPLES))
    first = np.maximum(axis.start + np.arange(axis.count) * axis.step, 0)
    last = np.minimum(axis.start + (np.arange(axis.count) + 1) * axis.step, axis.size)
    share = INNER + (1 - 2 * INNER) * (np.arange(number) + 0.5) / number
    at = first[:, None] + (last - first)[:, None] * share
    return np.clip(at.astype(np.int64), 0, axis.size - 1)
