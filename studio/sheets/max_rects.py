"""Rectangles laid beside each other by MaxRects: J. Jylänki, A Thousand Ways to Pack the Bin, 2010.

The library that has it, rectpack, comes as a source archive alone, and only wheels are installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Size = tuple[int, int]
Place = tuple[int, int]
Box = tuple[int, int, int, int]  # left, top, width, height
Rounded = Callable[[Size], Size]
Numbers = NDArray[np.int64]
# Of free boxes [n, 4] for a size: of the least in the first the least in the second is taken.
Score = Callable[[Numbers, Size], tuple[Numbers, Numbers]]
WIDTHS = 12  # that are tried
MANY, FEW_WIDTHS = 500, 4  # rectangles from which on fewer are: the time grows with their square


class Bin:
    """A sheet that is filled: `free` are its largest free boxes [n, 4], which may overlap."""

    def __init__(self, width: int, height: int) -> None:
        self.free: Numbers = np.array([[0, 0, width, height]], np.int64)

    def add(self, size: Size, score: Score) -> Place | None:
        """Where a rectangle of this size lies from now on; None where it fits nowhere."""
        width, height = size
        fitting = self.free[(self.free[:, 2] >= width) & (self.free[:, 3] >= height)]
        if not len(fitting):
            return None
        first, second = score(fitting, size)
        least = np.flatnonzero(first == first.min())
        left, top = fitting[least[second[least].argmin()], :2].tolist()
        self.take((left, top, width, height))
        return left, top

    def take(self, box: Box) -> None:
        """This place is free no more."""
        x, y, width, height = self.free.T
        cut = (x < box[0] + box[2]) & (box[0] < x + width)
        cut &= (y < box[1] + box[3]) & (box[1] < y + height)
        if not cut.any():
            return
        # What was free and stays so holds none of the new ones' rest, but may hold one of them.
        apart, new = self.free[~cut], _around(self.free[cut], box)
        held = _holds(new, new)
        np.fill_diagonal(held, False)
        kept = new[~(held.any(0) | _holds(apart, new).any(0))]
        self.free = np.concatenate([apart, kept])


def lowest(free: Numbers, size: Size) -> tuple[Numbers, Numbers]:
    """Bottom-left: the place that ends highest on the sheet, then the leftmost."""
    return free[:, 1] + size[1], free[:, 0]


def tightest(free: Numbers, size: Size) -> tuple[Numbers, Numbers]:
    """Best short side fit: the place with the least room beside it."""
    beside = free[:, 2:] - np.array(size)
    return beside.min(1), beside.max(1)


def arrange(sizes: Sequence[Size], most: int, gap: int, rounded: Rounded) -> list[Place] | None:
    """Where each rectangle lies, upper left corners, so that all of them together cover the
    smallest sheet of at most `most` pixels a side; None where there is none.

    `gap` is what each of them has too much, right and below: the sheet ends before it. `rounded`
    gives the sheet's sides for those that are covered.
    """
    best: tuple[tuple[int, int], list[Place]] | None = None
    for width in _widths(sizes, most, gap):
        for score, key in ((lowest, _by_height), (tightest, _by_side)):
            places = _laid(score, key, sizes, width, most + gap)
            if places is None:
                continue
            sheet = rounded(extent(sizes, places, gap))
            if max(sheet) > most:
                continue
            found = (sheet[0] * sheet[1], max(sheet))
            if best is None or found < best[0]:
                best = found, places
    return best[1] if best else None


def beside(
    sizes: Sequence[Size], taken: Sequence[Box], width: int, most: int, gap: int
) -> list[Place] | None:
    """Where further rectangles lie beside those that stay, within `width` as far as they can, else
    within `most`; None where they don't fit."""
    for wide in (width + gap, most + gap):
        packer = Bin(wide, most + gap)
        for box in taken:
            packer.take(box)
        places: list[Place | None] = [None] * len(sizes)
        for number in sorted(range(len(sizes)), key=lambda k: _by_height(sizes[k])):
            places[number] = packer.add(sizes[number], lowest)
        found = [place for place in places if place is not None]
        if len(found) == len(sizes):
            return found
    return None


def extent(sizes: Sequence[Size], places: Sequence[Place], gap: int) -> Size:
    """How far they reach, without the last gaps."""
    pairs = list(zip(sizes, places, strict=True))
    return max(p[0] + s[0] for s, p in pairs) - gap, max(p[1] + s[1] for s, p in pairs) - gap


def _widths(sizes: Sequence[Size], most: int, gap: int) -> list[int]:
    """Widths of sheets to be tried, with the last gap: around a square, and powers of two."""
    least = max(width for width, _ in sizes)
    widest = min(most + gap, sum(width for width, _ in sizes))
    side = math.sqrt(sum(width * height for width, height in sizes))
    low, high = max(least, side * 0.7), max(least, min(widest, side * 2))
    count = FEW_WIDTHS if len(sizes) > MANY else WIDTHS
    steps = (low * (high / low) ** (k / (count - 1)) for k in range(count))
    powers = (2**k + gap for k in range(15))  # up to 16,384
    found = {least, *(math.ceil(one) for one in steps)}
    found |= {one for one in powers if low <= one <= high * 1.5}
    return sorted(one for one in found if least <= one <= most + gap)


def _laid(
    score: Score,
    key: Callable[[Size], tuple[int, int]],
    sizes: Sequence[Size],
    width: int,
    most: int,
) -> list[Place] | None:
    packer = Bin(width, most)
    places: dict[int, Place] = {}
    for number in sorted(range(len(sizes)), key=lambda k: key(sizes[k])):
        place = packer.add(sizes[number], score)
        if place is None:
            return None
        places[number] = place
    return [places[number] for number in range(len(sizes))]


def _holds(boxes: Numbers, inner: Numbers) -> NDArray[np.bool_]:
    """Of each box, and each inner one, whether it holds that whole."""
    ends, inner_ends = boxes[:, :2] + boxes[:, 2:], inner[:, :2] + inner[:, 2:]
    begins = (boxes[:, None, :2] <= inner[None, :, :2]).all(-1)
    return np.asarray(begins & (ends[:, None] >= inner_ends[None]).all(-1))


def _around(free: Numbers, box: Box) -> Numbers:
    """The largest boxes that are left of free ones, to each side of what is taken, each once."""
    left, top, width, height = free.T
    right, low = box[0] + box[2], box[1] + box[3]
    found = np.concatenate(
        [
            np.stack([left, top, box[0] - left, height], 1),
            np.stack([np.full_like(left, right), top, left + width - right, height], 1),
            np.stack([left, top, width, box[1] - top], 1),
            np.stack([left, np.full_like(top, low), width, top + height - low], 1),
        ]
    )
    found = found[(found[:, 2:] > 0).all(1)]
    return np.unique(found, axis=0) if len(found) else found


def _by_height(size: Size) -> tuple[int, int]:
    return -size[1], -size[0]


def _by_side(size: Size) -> tuple[int, int]:
    return -max(size), -size[0] * size[1]
