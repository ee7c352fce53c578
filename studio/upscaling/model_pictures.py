"""Pictures that are not there as a whole: any part of one is made when it is asked for.

A source, enlarged by a model's factor, reduced to the size that is wanted, perhaps enlarged and
reduced once more: each is a picture whose parts are made of parts of the one before, with as much
around them as they depend on. So any cut into tiles gives the whole's pixels, and nothing larger
than a tile is in memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy

from studio.pixels.hex_colours import Pixels
from studio.upscaling.methods import Source, resampling, rows_of
from studio.upscaling.networks import CONTEXT, Network, Planes
from studio.upscaling.sizes import Target

SEEN = 8  # an alpha below tells nothing of its colour
STRETCHED = 1.02  # by which a result may be enlarged, where rounding made it larger than the factor


class NotFinite(ValueError):
    """A model drew what are no numbers."""


class Picture(Protocol):
    """A picture of a size; axes in `wrap` ("", "x", "y", "xy") go on at their other end."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def wrap(self) -> str: ...

    def part(self, left: int, top: int, width: int, height: int) -> Pixels:
        """RGBA [height, width, 4]; it may lie beyond the edges of wrapped axes alone."""
        ...


@dataclass(frozen=True)
class Stored:
    """A picture that is there, read by rows."""

    source: Source

    @property
    def width(self) -> int:
        return self.source.width

    @property
    def height(self) -> int:
        return self.source.height

    @property
    def wrap(self) -> str:
        return self.source.wrap

    def part(self, left: int, top: int, width: int, height: int) -> Pixels:
        """As `Picture` has it."""
        rows = rows_of(self.source, top, top + height)
        if left >= 0 and left + width <= self.width:
            return rows[:, left : left + width]
        return rows[:, np.arange(left, left + width) % self.width]


@dataclass(frozen=True)
class Window:
    """A picture of which a part is there, RGBA [h, w, 4], that begins at `left` and `top` of the
    whole; what is asked for beyond it equals what is at its edges."""

    pixels: Pixels
    left: int
    top: int
    width: int
    height: int
    wrap: str

    def part(self, left: int, top: int, width: int, height: int) -> Pixels:
        """As `Picture` has it."""
        high, wide = self.pixels.shape[:2]
        rows = np.clip(np.arange(top, top + height) - self.top, 0, high - 1)
        columns = np.clip(np.arange(left, left + width) - self.left, 0, wide - 1)
        return self.pixels[rows[:, None], columns]


@dataclass(frozen=True)
class Resized:
    """Another picture at another size, by Lanczos as Pillow has it."""

    of: Picture
    width: int
    height: int

    @property
    def wrap(self) -> str:
        return self.of.wrap

    def part(self, left: int, top: int, width: int, height: int) -> Pixels:
        """As `Picture` has it."""
        if (self.width, self.height) == (self.of.width, self.of.height):
            return self.of.part(left, top, width, height)
        x = resampling.taps(self.of.width, self.width, "x" in self.wrap).part(left, left + width)
        y = resampling.taps(self.of.height, self.height, "y" in self.wrap).part(top, top + height)
        (first, last), (above, below) = x.span, y.span
        given = resampling.premultiplied(self.of.part(first, above, last - first, below - above))
        return resampling.plain(resampling.down(resampling.across(given, x, first), y, above))


@dataclass(frozen=True)
class Modelled:
    """Another picture, `network.factor` times as large, as the network draws it."""

    of: Picture
    network: Network

    @property
    def width(self) -> int:
        return self.of.width * self.network.factor

    @property
    def height(self) -> int:
        return self.of.height * self.network.factor

    @property
    def wrap(self) -> str:
        return self.of.wrap

    def part(self, left: int, top: int, width: int, height: int) -> Pixels:
        """As `Picture` has it. NotFinite where the network draws no numbers."""
        factor = self.network.factor
        x, right = left // factor, -(-(left + width) // factor)
        y, bottom = top // factor, -(-(top + height) // factor)
        out = np.empty(((bottom - y) * factor, (right - x) * factor, 4), np.uint8)
        for begin, end in _pieces(y, bottom, self.network.piece):
            rows = slice((begin - y) * factor, (end - y) * factor)
            for first, last in _pieces(x, right, self.network.piece):
                columns = slice((first - x) * factor, (last - x) * factor)
                out[rows, columns] = self._drawn(first, begin, last, end)
        left, top = left - x * factor, top - y * factor
        return out[top : top + height, left : left + width]

    def _drawn(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """A box of the source, drawn with its context."""
        x, x_end = self._around(left, right, self.of.width, "x")
        y, y_end = self._around(top, bottom, self.of.height, "y")
        # Hidden colours come from as far away as the network looks, so that many more are needed.
        far_x, far_x_end = self._around(x, x_end, self.of.width, "x")
        far_y, far_y_end = self._around(y, y_end, self.of.height, "y")
        rgba = self.of.part(far_x, far_y, far_x_end - far_x, far_y_end - far_y)
        rgb = shown_colours(rgba)
        inner = slice(y - far_y, y_end - far_y), slice(x - far_x, x_end - far_x)
        drawn = enlarged(rgb[inner], rgba[inner][..., 3], self.network)
        factor = self.network.factor
        rows = slice((top - y) * factor, (bottom - y) * factor)
        return drawn[rows, (left - x) * factor : (right - x) * factor]

    def _around(self, start: int, stop: int, size: int, axis: str) -> tuple[int, int]:
        align = self.network.align
        start, stop = (start - CONTEXT) // align * align, stop + CONTEXT
        return (start, stop) if axis in self.wrap else (max(0, start), min(size, stop))


def modelled(source: Picture, target: Target, network: Network) -> Picture:
    """The source at the target's size, drawn by the network as often as that needs: up to its
    factor once, and then reduced; beyond that, brought to what the last time needs, and again."""
    wanted = max(target.width / source.width, target.height / source.height)
    drawn: Picture = source
    for more in reversed(range(times(wanted, network.factor))):
        drawn = Modelled(drawn, network)
        share = network.factor**more
        drawn = Resized(drawn, -(-target.width // share), -(-target.height // share))
    return drawn


def times(wanted: float, factor: int) -> int:
    """How often a model of this factor draws to make a picture `wanted` times as large."""
    return max(1, math.ceil(math.log(wanted / STRETCHED, factor)))


def enlarged(rgb: Pixels, alpha: Pixels, network: Network) -> Pixels:
    """Colours [h, w, 3] and alpha [h, w], enlarged apart, as RGBA. Where alpha is the same for a
    pixel and all around it, so it is in the result. NotFinite for what are no numbers."""
    factor = network.factor
    height, width = alpha.shape
    out = np.zeros((height * factor, width * factor, 4), np.uint8)
    if not alpha.any():
        return out
    constant = alpha.min() == alpha.max()
    if network.channels == 4:
        both = _run(network, _planes(np.dstack([rgb, alpha])))
        out[..., :3], opacity = both[..., :3], both[..., 3]
    else:
        out[..., :3] = _colours(rgb, network)
        opacity = alpha if constant else _grey(alpha, network)
    if constant:
        out[..., 3] = alpha[0, 0]
    else:
        least, most = (
            np.repeat(np.repeat(of(alpha, 3, mode="nearest"), factor, 0), factor, 1)
            for of in (scipy.ndimage.minimum_filter, scipy.ndimage.maximum_filter)
        )
        out[..., 3] = np.clip(opacity, least, most)
    out[out[..., 3] == 0] = 0
    return out


def shown_colours(rgba: Pixels) -> Pixels:
    """The colours [h, w, 3], those that are not seen taken from the nearest pixel that is: what is
    hidden would show at edges."""
    seen = rgba[..., 3] >= SEEN
    if seen.all() or not seen.any():
        return rgba[..., :3]
    near = scipy.ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True)
    spread: Pixels = rgba[near[0], near[1], :3]
    return spread


def _colours(rgb: Pixels, network: Network) -> Pixels:
    planes = _planes(rgb)
    if network.channels == 3:
        return _run(network, planes)
    return np.dstack([_run(network, planes[k : k + 1])[..., 0] for k in range(3)])


def _grey(alpha: Pixels, network: Network) -> Pixels:
    planes = np.repeat(_planes(alpha[..., None]), network.channels, 0)
    drawn = _checked(network.enlarged(planes)).mean(0)
    return _levels(drawn)


def _planes(pixels: Pixels) -> Planes:
    planes: Planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32) / np.float32(255)
    return planes


def _run(network: Network, planes: Planes) -> Pixels:
    return _levels(_checked(network.enlarged(planes)).transpose(1, 2, 0))


def _checked(planes: Planes) -> Planes:
    if not np.isfinite(planes).all():
        raise NotFinite("the model drew what are no numbers")
    return planes


def _levels(values: Planes) -> Pixels:
    return np.rint(np.clip(values, 0, 1) * np.float32(255)).astype(np.uint8)


def _pieces(start: int, stop: int, most: int) -> Iterator[tuple[int, int]]:
    """An axis cut into even pieces of at most `most`."""
    number = -(-(stop - start) // most)
    edges = [start + (stop - start) * k // number for k in range(number + 1)]
    yield from zip(edges[:-1], edges[1:], strict=True)
