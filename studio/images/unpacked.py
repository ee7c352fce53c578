"""A picture laid open in a file, row by row, so that parts of it are read without the whole.

The file is NumPy's own (.npy): RGBA as bytes [height, width, 4], to be mapped into memory. A plain
PNG, as the studio writes them, is never in memory twice; any other picture is read as all are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.images import formats, frames, png_chunks, reading

ROWS = 64  # at once
_HEAD = 1 << 20  # bytes of a PNG in which its pixels must begin
_PLAIN = ("RGB", "RGBA")

Seen = Callable[[NDArray[np.uint8]], None]


def unpack(picture: Path, target: Path, seen: Seen | None = None) -> tuple[int, int]:
    """Writes the picture in one file to another, and gives its width and height; `seen` is shown
    each ROWS rows [n, width, 4] on their way. A PNG may have as many pixels as a result of the
    studio, other formats as many as any picture. Errors as `open_picture`; OSError where `target`
    can't be written."""
    shown = _plain(picture) or reading.open_picture(picture)
    with target.open("wb") as file:
        header(file, shown.width, shown.height)
        for top in range(0, shown.height, ROWS):
            bottom = min(top + ROWS, shown.height)
            rows = np.asarray(shown.crop((0, top, shown.width, bottom)).convert("RGBA"))
            file.write(rows.data)
            if seen is not None:
                seen(rows)
    return shown.width, shown.height


def header(file: BinaryIO, width: int, height: int) -> None:
    """Writes what stands before the rows."""
    shape = {"descr": "|u1", "fortran_order": False, "shape": (height, width, 4)}
    np.lib.format.write_array_header_1_0(file, shape)


def _plain(path: Path) -> Image.Image | None:
    """A PNG of 8 bits a channel without frames, profile, key or turn, decoded; None for any other
    picture."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None  # which open_picture names
    described = png_chunks.read(head)
    if b"IDAT" not in head or described not in (
        png_chunks.Described(),
        png_chunks.Described(srgb=True),
    ):
        return None
    try:
        with formats.result(path) as picture:
            if picture.mode not in _PLAIN or picture.info.get("transparency") is not None:
                return None
            if frames.count(picture) > 1 or head[24:25] != b"\x08":
                return None
            formats.check_size(picture, str(path), formats.RESULT_PIXELS)
            picture.load()
            return None if frames.orientation(picture) in frames.TURNS else picture
    except formats.DAMAGED as error:
        raise StudioError(
            f"{path}: the picture is truncated or damaged ({error}).", "Export or copy it again."
        ) from error
