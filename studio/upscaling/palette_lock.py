"""No colour that the source has not: each pixel of a result in the nearest of the source's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.pixels.snapping import nearest, packed, unpacked
from studio.upscaling.canvas import Source

MOST_COLOURS = 256
ROWS = 256  # of the source at once
COLOURS = 2**24

Pixels = NDArray[np.uint8]


class Lock:
    """The colours [n, 3] of a source, and for each colour met so far which of them is nearest in
    OKLab."""

    def __init__(self, colours: Pixels) -> None:
        self._colours = colours
        self._lab = to_oklab(colours)
        self._known = np.full(COLOURS, -1, np.int16)
        self._known[packed(colours)] = np.arange(len(colours))

    def snap(self, rgba: Pixels) -> None:
        """Changes the colours of what is drawn in place; alpha stays."""
        drawn = rgba[..., 3] > 0
        if not drawn.any() or not len(self._colours):
            return
        asked = packed(rgba[drawn])
        new = np.unique(asked[self._known[asked] < 0])
        if len(new):
            self._known[new] = nearest(to_oklab(unpacked(new)), self._lab)
        rgba[drawn, :3] = self._colours[self._known[asked]]


def of(source: Source) -> Lock:
    """The lock to a source's own colours. StudioError where it has more than MOST_COLOURS: then it
    is not drawn in a palette."""
    found = np.zeros(0, np.uint32)
    for top in range(0, source.height, ROWS):
        rows = source.strip(top, min(top + ROWS, source.height))
        found = np.union1d(found, packed(rows[rows[..., 3] > 0]))
        if len(found) > MOST_COLOURS:
            raise StudioError(
                f"The picture has more than {MOST_COLOURS} colours, which are no palette to keep.",
                "Turn the palette lock off, or finish the picture in a palette first.",
            )
    return Lock(unpacked(found.astype(np.uint32)))
