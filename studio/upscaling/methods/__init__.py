"""Ways to enlarge a picture that draw nothing anew: nearest, EPX, Lanczos; and what is offered.

Each `enlarge` takes the source as RGBA [h, w, 4] uint8, which may be mapped from a file, and gives
the result in strips of rows from top to bottom, so that neither is ever in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Callable

from studio.pixels.hex_colours import Pixels

Rows = Callable[[Pixels], None]  # is given strips [n, width, 4] of the result, top to bottom
AT_ONCE = 1_000_000  # pixels of a strip, about


def strip(width: int) -> int:
    """Rows of a strip of a picture of this width."""
    return max(1, AT_ONCE // width)
