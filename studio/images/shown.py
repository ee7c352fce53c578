"""Pictures for pages: smaller copies, and whole ones that browsers would show otherwise.

The files are the studio's own, which it wrote or took in at one of its doors."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from studio.images import described_colours, formats, frames, reading
from studio.images.formats import RESULT_PIXELS

# What every browser shows; TIFF, TGA and others are broken pictures there.
BROWSERS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
WEBP, PNG = "image/webp", "image/png"
_WIDEST = 16_383  # pixels a side of a WebP
_QUICK = 1_000_000  # pixels from which on WebP is packed quickly rather than tightly


def pixels(file: Path) -> int:
    """How many pixels a picture's file has by its header; StudioError where it is none."""
    with formats.header(formats.read_file(file), file.name, RESULT_PIXELS) as picture:
        return picture.width * picture.height


def as_it_is(file: Path) -> str:
    """The media type of a file that any browser shows as the studio does; "" for one that is
    turned, moves, or has other colours than sRGB, and for other formats. StudioError where it is
    no picture."""
    data = formats.read_file(file)
    with formats.header(data, file.name, RESULT_PIXELS) as picture:
        # Browsers take a photograph with previews beside it for the JPEG that it begins with.
        format = "JPEG" if picture.format == "MPO" else picture.format or ""
        plain = format in BROWSERS and picture.mode in MODES and frames.count(picture) == 1
        late = format == "PNG" and b"eXIf" in data and "exif" not in picture.info
        if not plain or late or frames.orientation(picture) in frames.TURNS:
            return ""
        if described_colours.described(picture, data, file.name) is not None:
            return ""
        return Image.MIME[format]


def copy(file: Path, side: int | None = None) -> tuple[bytes, str]:
    """The picture for a browser, without loss, and its media type: WebP, or PNG of one that is too
    wide for that; scaled down to at most `side` pixels where it is larger. Errors as
    `open_picture`."""
    picture = reading.see(formats.read_file(file), file.name, RESULT_PIXELS, about=side).picture
    if side is not None:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    if max(picture.size) > _WIDEST:
        picture.save(written, format="PNG", compress_level=1)
        return written.getvalue(), PNG
    quick = {"method": 0, "quality": 0} if picture.width * picture.height > _QUICK else {}
    picture.save(written, format="WEBP", lossless=True, **quick)
    return written.getvalue(), WEBP
