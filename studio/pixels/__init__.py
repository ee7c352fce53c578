"""Pictures as pixel art: colours snapped to a palette, strays, outlines, canvas, figures.

Everything here takes and gives uint8 RGBA arrays [h, w, 4]; a colour is "#rrggbb". Nothing reads or
writes files, and no call changes the array that it is given.
"""

from studio.pixels.counted_colours import palette_of

__all__ = ["palette_of"]
