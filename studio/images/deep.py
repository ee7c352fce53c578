"""Pictures of more than 8 bits a channel, brought to 8 by their whole range: Pillow would clip.

They are taken row by row, so that a large one needs little more memory than its result.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from studio.images.remarks import Remark

_AT_ONCE = 1_000_000  # pixels
_BITS = 258  # TIFF's tag of bits a sample


def is_grey(picture: Image.Image) -> bool:
    """Whether it has one channel beside alpha."""
    return picture.mode in ("1", "L", "LA", "La") or picture.mode.startswith(("I", "F"))


def as_rgba(picture: Image.Image) -> tuple[Image.Image, list[Remark]]:
    """Grey of 16 or 32 bits, or float, as RGBA; a PNG's transparent grey is transparent.

    Floats are shares of white. Those above 1 are white as well, unless half of them are: then
    they are counted in other units.
    """
    peak = _peak(picture)
    if picture.mode != "F":
        bits = getattr(picture, "tag_v2", {}).get(_BITS)
        if bits and 8 < bits[0] < 16:
            return _shares(picture, 2.0 ** bits[0] - 1), [Remark("bits", str(bits[0]))]
        return _shares(picture, _range(peak)), []
    if peak <= 1:
        return _shares(picture, 1.0), []
    above = sum(int((values > 1).sum()) for _, values in _bands(picture))
    if above <= picture.width * picture.height / 2:
        return _shares(picture, 1.0), [Remark("clipped")]
    top = next((top for top in (255.0, 65535.0) if peak <= top), peak)
    return _shares(picture, top), [Remark("scaled", f"{top:g}")]


def as_rgba_before(picture: Image.Image) -> Image.Image:
    """The same by the rules of versions frozen before: always by the largest value."""
    peak = _peak(picture)
    if picture.mode == "F":
        return _shares(picture, 1.0 if peak <= 1 else 255.0 if peak <= 255 else peak)
    return _shares(picture, _range(peak))


def _range(peak: float) -> float:
    return 65535.0 if peak <= 65535 else 2147483647.0


def _peak(picture: Image.Image) -> float:
    return max(float(values.max()) for _, values in _bands(picture))


def _shares(picture: Image.Image, top: float) -> Image.Image:
    key = picture.info.get("transparency")
    grey = Image.new("L", picture.size)
    alpha = Image.new("L", picture.size, 255)
    for row, values in _bands(picture):
        shares = np.clip(np.rint(np.minimum(values, top) * (255.0 / top)), 0, 255).astype(np.uint8)
        grey.paste(Image.fromarray(shares), (0, row))
        if isinstance(key, int):
            shown = np.where(values == key, 0, 255).astype(np.uint8)
            alpha.paste(Image.fromarray(shown), (0, row))
    return Image.merge("RGBA", (grey, grey, grey, alpha))


def _bands(picture: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    """The first row of each band, and its values as float64 [rows, width]; no number is 0."""
    rows = max(1, _AT_ONCE // picture.width)
    for row in range(0, picture.height, rows):
        band = picture.crop((0, row, picture.width, min(row + rows, picture.height)))
        yield row, np.nan_to_num(np.asarray(band).astype(np.float64))
