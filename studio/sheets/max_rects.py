"""Rectangles laid beside each other by MaxRects (Jylänki 2010), as the library rectpack does it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from rectpack.geometry import Rectangle
from rectpack.maxrects import MaxRectsBl, MaxRectsBssf

Size = tuple[int, int]
Place = tuple[int, int]
Box = tuple[int, int, int, int]  # left, top, width, height
Rounded = Callable[[Size], Size]
WIDTHS = 12  # that are tried
MANY, FEW_WIDTHS = 150, 4  # rectangles from which on fewer are: the time grows with their square


class _Held(MaxRectsBl):
    """One in which some places are taken already."""

    def take(self, box: Box) -> None:
        self._split(Rectangle(*box))
        self._remove_duplicates()


def arrange(sizes: Sequence[Size], most: int, gap: int, rounded: Rounded) -> list[Place] | None:
    """Where each rectangle lies, upper left corners, so that all of them together cover the
    smallest sheet of at most `most` pixels a side; None where there is none.

    `gap` is what each of them has too much, right and below: the sheet ends before it. `rounded`
    gives the sheet's sides for those that are covered.
    """
    best: tuple[tuple[int, int], list[Place]] | None = None
    for width in _widths(sizes, most, gap):
        for way, key in ((MaxRectsBl, _by_height), (MaxRectsBssf, _by_side)):
            places = _laid(way, key, sizes, width, most + gap)
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
        packer = _Held(wide, most + gap, False)
        for box in taken:
            packer.take(box)
        places: list[Place | None] = [None] * len(sizes)
        for number in sorted(range(len(sizes)), key=lambda k: _by_height(sizes[k])):
            rect = packer.add_rect(*sizes[number])
            places[number] = None if rect is None else (int(rect.x), int(rect.y))
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
    way: Callable[..., MaxRectsBl],
    key: Callable[[Size], tuple[int, int]],
    sizes: Sequence[Size],
    width: int,
    most: int,
) -> list[Place] | None:
    packer = way(width, most, False)
    places: dict[int, Place] = {}
    for number in sorted(range(len(sizes)), key=lambda k: key(sizes[k])):
        rect = packer.add_rect(*sizes[number])
        if rect is None:
            return None
        places[number] = int(rect.x), int(rect.y)
    return [places[number] for number in range(len(sizes))]


def _by_height(size: Size) -> tuple[int, int]:
    return -size[1], -size[0]


def _by_side(size: Size) -> tuple[int, int]:
    return -max(size), -size[0] * size[1]
