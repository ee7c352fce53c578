"""How large a picture becomes: by a factor, to an exact size, or to a long side."""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio import numbers
from studio.errors import StudioError

MOST_SIDE = 16_384  # pixels a side of a result
LONG_SIDES = (1024, 2048, 4096, 8192)
LEAST_FACTOR = 0.01


@dataclass(frozen=True)
class Target:
    """Width and height of a result in pixels."""

    width: int
    height: int


def target(
    width: int,
    height: int,
    *,
    factor: float | None = None,
    size: tuple[int, int] | None = None,
    long_side: int | None = None,
) -> Target:
    """The result's size of a picture of `width` x `height`: by one of the three, or its own size
    where none is given. Halves round up, and a side has at least one pixel. StudioError for two of
    them, and for more than MOST_SIDE pixels a side."""
    given = [one for one in (factor, size, long_side) if one is not None]
    if len(given) > 1:
        raise StudioError(
            "A factor, a size and a long side exclude each other.", "Give only one of them."
        )
    if factor is not None:
        times = numbers.number("factor", factor, LEAST_FACTOR, MOST_SIDE)
        wide, high = (max(1, math.floor(side * times + 0.5)) for side in (width, height))
        return _checked(wide, high, f" at {times:g} times {width:,} x {height:,}")
    if size is not None:
        wide, high = size
        return Target(
            numbers.whole("width", wide, 1, MOST_SIDE), numbers.whole("height", high, 1, MOST_SIDE)
        )
    if long_side is not None:
        side, longer = numbers.whole("long_side", long_side, 1, MOST_SIDE), max(width, height)
        wide, high = (max(1, (2 * one * side + longer) // (2 * longer)) for one in (width, height))
        return Target(wide, high)
    return _checked(width, height, "")


def whole_factor(width: int, height: int, target: Target) -> int | None:
    """The whole number of times that `target` is larger both ways, by which alone pixel art may be
    enlarged; None for any other size."""
    times = target.width // width
    even = times >= 1 and (width * times, height * times) == (target.width, target.height)
    return times if even else None


def _checked(width: int, height: int, how: str) -> Target:
    if max(width, height) > MOST_SIDE:
        raise StudioError(
            f"The result would have {width:,} x {height:,} pixels{how}.",
            f"At most {MOST_SIDE:,} a side are made: take a smaller factor, or a part of the "
            "picture.",
        )
    return Target(width, height)
