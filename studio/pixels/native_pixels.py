"""Native pixels of enlarged art whose grid is known: what enlarged and softened the picture is told
by what explains it best, and undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.pixels.alike_colours import brought_together
from studio.pixels.axis_search import lines_of
from studio.pixels.enlarging import Axis, Floats, Kernel, axis_of, blurred, left_by, native_lines
from studio.pixels.hex_colours import Pixels

TRIED = 512  # pixels a side of the part that tells the kernel
# What luma is tried by: a kernel, and how often it was blurred after that.
WAYS: tuple[tuple[Kernel, int], ...] = (
    *(("nearest", times) for times in (0, 1, 2, 4)),
    *((kernel, 0) for kernel in ("area", "bilinear", "bicubic", "lanczos")),
)
PLAIN = 0.5  # of what nearest leaves: from there on another kernel made the picture
BLURRED = 0.9  # of what chroma leaves without
NOISY = 0.5  # levels, squared, that a way leaves of a pixel: rounding leaves a tenth
INNER = 0.25  # of a cell at each of its edges, which scaling and JPEG spoil first
WIDE = 6  # pixels a cell from which on its inner part is free of JPEG's soft chroma
SAMPLES = 7  # each way in a cell, at most
UNCLIPPED = 2048  # pixels a side up to which what was clipped is looked for
ROUNDS = 12
ROWS = 512  # at once: a large picture as floats would be four times it
NEAR = 8  # levels from which an alpha is taken for none, or for all
# Red, green, blue to luma and chroma, as JPEG has them (ITU-R BT.601), without its offsets.
TO_LUMA = np.array(
    [[0.299, -0.168736, 0.5], [0.587, -0.331264, -0.418688], [0.114, 0.5, -0.081312]], np.float32
)
FROM_LUMA = np.linalg.inv(TO_LUMA).astype(np.float32)
PARTS = (slice(0, 2), slice(2, 4))  # of the channels: luma with alpha, chroma


@dataclass(frozen=True)
class Way:
    """How a picture was enlarged; how often luma and chroma were blurred by a pixel after that; and
    the squares of levels that this leaves of a pixel."""

    kernel: Kernel
    luma: int
    chroma: int
    noise: float


def premultiplied(rgba: Pixels) -> Floats:
    """Colours multiplied by alpha, so that what is hidden counts for nothing; 0 to 255."""
    floats = rgba.astype(np.float32)
    floats[..., :3] *= floats[..., 3:] / 255
    return floats


def native_pixels(rgba: Pixels, across: Axis, down: Axis) -> Pixels:
    """Every native pixel of which a part is seen, [down.count, across.count, 4].

    Sharp edges are undone by the median of a cell's inner part, which neither soft edges nor noise
    reach; all else by least squares, luma and chroma apart, since JPEG keeps chroma at half size.
    Colours under alpha 0 are 0.
    """
    way = _way(rgba, across, down)
    wide = min(across.step, down.step) >= WIDE
    if way.kernel == "nearest" and not way.luma and (wide or not way.chroma):
        return _medians(rgba, across, down)
    overshoots = way.kernel in ("bicubic", "lanczos")
    if overshoots and max(across.size, down.size) <= UNCLIPPED:
        native = _channels(_unclipped(premultiplied(rgba), across, down, way))
    else:
        native = _linear(rgba, across, down, way)
    drawn = native[..., 1] > 255 - NEAR
    if way.noise > NOISY and drawn.any():
        native[drawn] = _together(native[drawn])
    return _plain(native)


def _together(channels: Floats) -> Floats:
    """Those of opaque pixels [n, 4], with colours that are alike brought together."""
    colours = brought_together(channels[:, [0, 2, 3]])
    return np.stack([colours[:, 0], channels[:, 1], colours[:, 1], colours[:, 2]], -1)


def _channels(pixels: Floats) -> Floats:
    """Luma, alpha and both chromas of premultiplied pixels, [h, w, 4]."""
    colours = pixels[..., :3] @ TO_LUMA
    return np.concatenate([colours[..., :1], pixels[..., 3:], colours[..., 1:]], -1)


def _way(rgba: Pixels, across: Axis, down: Axis) -> Way:
    """What was done to a picture, as its middle tells. Chroma has the kernel of luma."""
    (left, across), (top, down) = _middle(across), _middle(down)
    seen = rgba[top : top + down.size, left : left + across.size]
    pixels = _channels(premultiplied(seen))
    luma, chroma = (
        ((lines_of(pixels[..., part]), across), (lines_of(pixels[..., part].swapaxes(0, 1)), down))
        for part in PARTS
    )
    by_way = {way: _left(luma, *way) for way in WAYS}
    kernel, times = min(by_way, key=by_way.__getitem__)
    if by_way[kernel, times] > PLAIN * by_way[WAYS[0]]:
        kernel, times = WAYS[0]
    # JPEG halves chroma and doubles it again: a blur more.
    sharp, soft = (_left(chroma, kernel, number) for number in (times, times + 1))
    lines = pixels.swapaxes(0, 1).reshape(across.size, -1)
    lines = lines - lines.mean(0)
    noise = left_by(lines, blurred(across, kernel, times)) / lines.shape[1]
    return Way(kernel, times, times + int(soft < BLURRED * sharp), noise)


def _left(axes: Iterable[tuple[Floats, Axis]], kernel: Kernel, times: int) -> float:
    return sum(left_by(lines, blurred(axis, kernel, times)) for lines, axis in axes)


def _middle(axis: Axis) -> tuple[int, Axis]:
    """Where the middle part of an axis begins, and that part."""
    first = max(0, (axis.size - TRIED) // 2)
    return first, axis_of(min(TRIED, axis.size), axis.step, axis.start - first)


def _linear(rgba: Pixels, across: Axis, down: Axis, way: Way) -> Floats:
    """Channels of native pixels, [down.count, across.count, 4], by least squares."""
    parts = []
    for part, times in zip(PARTS, (way.luma, way.chroma), strict=True):
        matrix = blurred(across, way.kernel, times)
        rows = [
            _along(_channels(premultiplied(rgba[top : top + ROWS]))[..., part], matrix)
            for top in range(0, down.size, ROWS)
        ]
        parts.append(_down(np.concatenate(rows), blurred(down, way.kernel, times)))
    return np.concatenate(parts, -1)


def _along(pixels: Floats, matrix: scipy.sparse.csr_array) -> Floats:
    """Pixels [h, size, channels] as native ones along x."""
    height, size, channels = pixels.shape
    native = native_lines(pixels.swapaxes(0, 1).reshape(size, -1), matrix)
    return native.reshape(-1, height, channels).swapaxes(0, 1).astype(np.float32)


def _down(pixels: Floats, matrix: scipy.sparse.csr_array) -> Floats:
    return _along(pixels.swapaxes(0, 1), matrix).swapaxes(0, 1)


def _unclipped(pixels: Floats, across: Axis, down: Axis, way: Way) -> Floats:
    """Native pixels where a kernel that overshoots was clipped at 0 and 255: what was cut off is
    put back from what the rest tells, again and again."""
    by_x, by_y = (blurred(axis, way.kernel, way.luma) for axis in (across, down))
    seen = pixels
    for _ in range(ROUNDS):
        native = _down(_along(seen, by_x), by_y)
        again = (by_y @ native.reshape(down.count, -1)).reshape(down.size, across.count, 4)
        again = by_x @ again.swapaxes(0, 1).reshape(across.count, -1)
        again = again.reshape(across.size, down.size, 4).swapaxes(0, 1)
        over = (pixels >= 255) & (again > 255) | (pixels <= 0) & (again < 0)
        seen = np.where(over, again, pixels)
    return native


def _plain(channels: Floats) -> Pixels:
    """Channels as RGBA, alpha that noise moved by a little put back."""
    alpha = channels[..., 1:2]
    alpha = np.where(alpha < NEAR, 0, np.where(alpha > 255 - NEAR, 255, alpha))
    colours = channels[..., [0, 2, 3]] @ FROM_LUMA
    colours = np.where(alpha > 0, colours * (255 / np.maximum(alpha, 1)), 0)
    plain: Pixels = np.rint(np.concatenate([colours, alpha], -1).clip(0, 255)).astype(np.uint8)
    return plain


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
