"""Pictures as the studio handles them: opened with care, alpha kept, scaled without inventing.

Everything here takes and gives Pillow images in RGBA and sRGB; nothing writes files.
"""

from studio.images.fitting import (
    FILTERS,
    OPAQUE,
    as_grey,
    bled,
    covering,
    cut_out,
    fitted,
    on_matte,
    parse_colour,
    scaled,
)
from studio.images.formats import opened, read_file, result
from studio.images.grids import grid
from studio.images.palettes import lab, palette
from studio.images.reading import (
    PLAIN,
    SEEN,
    decode,
    open_picture,
    open_result,
    pixel_digest,
    see,
)

__all__ = [
    "FILTERS",
    "OPAQUE",
    "PLAIN",
    "SEEN",
    "as_grey",
    "bled",
    "covering",
    "cut_out",
    "decode",
    "fitted",
    "grid",
    "lab",
    "on_matte",
    "open_picture",
    "open_result",
    "opened",
    "palette",
    "parse_colour",
    "pixel_digest",
    "read_file",
    "result",
    "scaled",
    "see",
]
