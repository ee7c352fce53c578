"""Ways to enlarge a picture that draw nothing anew: nearest, EPX, Lanczos; and what is offered.

Each `enlarge` reads its source by rows and gives the result in strips of rows from top to bottom,
so that neither is ever in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from studio.pixels.hex_colours import Pixels

Rows = Callable[[Pixels], None]  # is given strips [n, width, 4] of the result, top to bottom
AT_ONCE = 1_000_000  # pixels of a strip, about


class Source(Protocol):
    """A picture that is read by rows, such as `studio.upscaling.canvas.Source`. Axes in `wrap`
    ("", "x", "y", "xy") go on at their other end."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def wrap(self) -> str: ...

    def strip(self, top: int, bottom: int) -> Pixels:
        """Whole rows as they are, RGBA [bottom - top, width, 4]."""
        ...


@dataclass(frozen=True)
class InMemory:
    """A source that is an array already, RGBA [h, w, 4]."""

    pixels: Pixels
    wrap: str = ""

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def strip(self, top: int, bottom: int) -> Pixels:
        """As `Source` has it."""
        return np.array(self.pixels[top:bottom])


def rows_of(source: Source, top: int, bottom: int) -> Pixels:
    """Rows `top` to `bottom`; those before 0 and behind the end are those of the other end."""
    parts = []
    while top < bottom:
        first = top % source.height
        last = min(source.height, first + bottom - top)
        parts.append(source.strip(first, last))
        top += last - first
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def strip(width: int) -> int:
    """Rows of a strip of a picture of this width."""
    return max(1, AT_ONCE // width)
