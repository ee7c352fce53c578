"""The one door to Pillow's decoders: which formats are opened, however a file is called.

Pillow knows many more. Some hand what strangers wrote to other programs (EPS to Ghostscript),
most are tested by nobody; a file in one of those is no picture here.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from PIL import Image, PngImagePlugin

from studio.errors import StudioError

# By Pillow's names, as docs/files.md lists them. TGA has no mark of its own, so it comes last.
FORMATS = (
    *("PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "AVIF", "TIFF", "ICO", "JPEG2000", "PPM"),
    "TGA",
)
SUFFIXES = frozenset(
    {
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib"),
        *(".tif", ".tiff", ".tga", ".pbm", ".pgm", ".ppm", ".pnm", ".avif", ".avifs"),
        *(".ico", ".jp2", ".j2k", ".jpf", ".jpx"),
    }
)
SUFFIX = {
    **{"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "WEBP": ".webp", "GIF": ".gif"},
    **{"BMP": ".bmp", "DIB": ".dib", "AVIF": ".avif", "TIFF": ".tif", "ICO": ".ico"},
    **{"JPEG2000": ".jp2", "PPM": ".ppm", "TGA": ".tga"},
}
MAX_PIXELS = 64_000_000
RESULT_PIXELS = 16_384**2  # of a picture that the studio itself wrote
MAX_BYTES = 512 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
TOO_LARGE = "Make it smaller, or cut it into single pictures."

# What Pillow's decoders raise on damaged files, by format; none of it is our mistake.
DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
)


def _stays_gone(file: Path) -> None:
    """Nobody knows where else a file could be."""


_bring_back: Callable[[Path], object] = _stays_gone


def when_gone(bring_back: Callable[[Path], object]) -> None:
    """From here on `bring_back` is asked for a file that is not where it was, before it is read."""
    global _bring_back
    _bring_back = bring_back


def opened(file: Path | IO[bytes], formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """The file's picture, of which only the header was read; to be closed. Raises what Pillow
    does: OSError where there is no picture in one of the `formats`, by Pillow's names."""
    if isinstance(file, Path) and not file.exists():
        _bring_back(file)
    return Image.open(file, formats=formats)


def result(file: Path) -> Image.Image:
    """As `opened`, of a picture that the studio wrote, or took in at one of its doors: Pillow's own
    bound, which is below RESULT_PIXELS, does not hold for a PNG. Not for what strangers send."""
    if not file.exists():
        _bring_back(file)
    with file.open("rb") as begun:
        if begun.read(len(_PNG)) != _PNG:
            return opened(file)
    return PngImagePlugin.PngImageFile(file)


def header(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """As `opened`, of a file's bytes; StudioError that calls it `name` where it is no picture or
    has more than `max_pixels`. Above MAX_PIXELS only a PNG is taken: RESULT_PIXELS are for pictures
    that the studio wrote, or took in at one of its doors."""
    if not data:
        raise StudioError(f"{name}: the file is empty.", "Export the picture again.")
    large = max_pixels > MAX_PIXELS and data.startswith(_PNG)
    try:
        file = io.BytesIO(data)
        picture = PngImagePlugin.PngImageFile(file) if large else opened(file)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise StudioError(
            f"{name}: the picture has more than {max_pixels:,} pixels.", TOO_LARGE
        ) from error
    except Image.UnidentifiedImageError as error:
        raise StudioError(
            f"{name}: this is not a picture in a known format.", "Export it as PNG or JPEG."
        ) from error
    except DAMAGED as error:
        raise StudioError(
            f"{name}: the picture's header is damaged ({error}).", "Export it again."
        ) from error
    check_size(picture, name, max_pixels if large else min(max_pixels, MAX_PIXELS))
    return picture


def check_size(picture: Image.Image, name: str, max_pixels: int = MAX_PIXELS) -> None:
    """StudioError where the picture, not decoded yet, has more than `max_pixels`."""
    width, height = picture.size
    if width * height > max_pixels:
        raise StudioError(
            f"{name}: {width:,} x {height:,} is more than {max_pixels:,} pixels.", TOO_LARGE
        )


def format_of(file: Path) -> str:
    """Pillow's name of the format that a file is in, "" for none; TGA can't be told so."""
    try:
        with opened(file, FORMATS[:-1]) as picture:
            return picture.format or ""
    except (*DAMAGED, Image.DecompressionBombError):
        return ""


def read_file(path: Path) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES; StudioError otherwise."""
    try:
        if not path.is_file():
            _bring_back(path)
        if not path.is_file():
            raise StudioError(f"{path}: there is no such file to read.", "Check the path.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StudioError(
                f"{path}: the file has {size:,} bytes, more than {MAX_BYTES:,}.",
                "Save it smaller, for example as PNG.",
            )
        return path.read_bytes()
    except OSError as error:
        raise StudioError(
            f"{path}: the file can't be read ({error.strerror or error}).",
            "Check its permissions and the disk.",
        ) from error
