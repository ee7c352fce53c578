"""Rectangles laid beside each other by MaxRects: J. Jylänki, A Thousand Ways to Pack the Bin, 2010.

The library that has it, rectpack, comes as a source archive alone, and only wheels are installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

Size = tuple[int, int]
Place = tuple[int, int]
Box = tuple[int, int, int, int]  # left, top, width, height
Rounded = Callable[[Size], Size]
Score = Callable[[Box, Size], tuple[int, int]]  # of a free box for a size: the least is taken
WIDTHS = 12  # that are tried
MANY, FEW_WIDTHS = 150, 4  # rectangles from which on fewer are: the time grows with their square


class Bin:
    """A sheet that is filled: its largest free boxes, which overlap each other."""

    def __init__(self, width: int, height: int) -> None:
        self.free: list[Box] = [(0, 0, width, height)]

    def add(self, size: Size, score: Score) -> Place | None:
        """Where a rectangle of this size lies from now on; None where it fits nowhere."""
        width, height = size
        fitting = [one for one in self.free if one[2] >= width and one[3] >= height]
        if not fitting:
            return None
        left, top, _, _ = min(fitting, key=lambda one: score(one, size))
        self.take((left, top, width, height))
        return left, top

    def take(self, box: Box) -> None:
        """This place is free no more."""
        apart, cut = list[Box](), set[Box]()
        for one in self.free:
            if _overlap(one, box):
                cut.update(_around(one, box))
            else:
                apart.append(one)
        # What was free and stays so holds none of the new ones' rest, but may hold one of them.
        new = [
            one
            for one in cut
            if not any(_holds(other, one) for other in apart)
            and not any(other != one and _holds(other, one) for other in cut)
        ]
        self.free = [*apart, *sorted(new)]


def lowest(free: Box, size: Size) -> tuple[int, int]:
    """Bottom-left: the place that ends highest on the sheet, then the leftmost."""
    return free[1] + size[1], free[0]


def tightest(free: Box, size: Size) -> tuple[int, int]:
    """Best short side fit: the place with the least room beside it."""
    beside = free[2] - size[0], free[3] - size[1]
    return min(beside), max(beside)


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
    powers = (2**k + gap for k in range(13))
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


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _holds(one: Box, inner: Box) -> bool:
    return (
        one[0] <= inner[0]
        and one[1] <= inner[1]
        and one[0] + one[2] >= inner[0] + inner[2]
        and one[1] + one[3] >= inner[1] + inner[3]
    )


def _around(free: Box, box: Box) -> list[Box]:
    """The largest boxes that are left of a free one, to each side of what is taken."""
    left, top, width, height = free
    right, bottom = left + width, top + height
    found = [
        (left, top, box[0] - left, height),
        (box[0] + box[2], top, right - box[0] - box[2], height),
        (left, top, width, box[1] - top),
        (left, box[1] + box[3], width, bottom - box[1] - box[3]),
    ]
    return [one for one in found if one[2] > 0 and one[3] > 0]


def _by_height(size: Size) -> tuple[int, int]:
    return -size[1], -size[0]


def _by_side(size: Size) -> tuple[int, int]:
    return -max(size), -size[0] * size[1]
