"""How much of a file from elsewhere is read, and what is never taken from one."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.images import formats

MOST_BYTES = 100 * 1024**2
MOST_TRIANGLES = 5_000_000
MOST_POINTS = 3 * MOST_TRIANGLES  # of all parts; as many are needed where no two share a point
MOST_SIDE = 8_192  # pixels of a texture
FARTHEST = 1_000_000.0  # metres from the origin
PNG, JPEG = "image/png", "image/jpeg"
FEWER = f"Export it with at most {MOST_TRIANGLES:,} triangles."
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def check_bytes(count: int, name: str) -> None:
    """StudioError for a file of more than MOST_BYTES."""
    if count > MOST_BYTES:
        raise StudioError(
            f"{name} has {count:,} bytes, more than {MOST_BYTES:,}.",
            "Export it with fewer triangles or smaller textures.",
        )


def check_counts(triangles: int, points: int) -> None:
    """StudioError for more triangles or points than are read."""
    if triangles > MOST_TRIANGLES:
        raise StudioError(
            f"The model has {triangles:,} triangles or more, and at most {MOST_TRIANGLES:,} "
            "are read.",
            FEWER,
        )
    if points > MOST_POINTS:
        raise StudioError(
            f"The model has {points:,} points or more, and at most {MOST_POINTS:,} are read.",
            FEWER,
        )


def check_places(positions: NDArray[np.floating[Any]], name: str) -> None:
    """StudioError where a coordinate is no number, or farther away than FARTHEST."""
    if not (np.abs(positions) <= FARTHEST).all():  # so that NaN is found as well
        raise StudioError(
            f"{name} has points that lie nowhere, or more than {FARTHEST:,.0f} m away.",
            "Export the model again, in metres.",
        )


def media_type(data: bytes) -> str:
    """ "image/png" or "image/jpeg" by a file's first bytes, "" for anything else."""
    return next((kind for mark, kind in _SIGNATURES.items() if data.startswith(mark)), "")


def picture_size(data: bytes, name: str) -> tuple[int, int]:
    """Width and height of a texture's file in pixels, by its header; its pixels are not decoded.
    StudioError, beginning with `name`, where it is no PNG or JPEG or has more than MOST_SIDE."""
    unread = StudioError(
        f"{name} is no PNG or JPEG that can be read.",
        "Export the model again with textures as PNG or JPEG.",
    )
    if not media_type(data):
        raise unread
    try:
        with formats.opened(io.BytesIO(data), ("PNG", "JPEG")) as picture:
            width, height = picture.size
    except (
        *formats.DAMAGED,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise unread from error
    if max(width, height) > MOST_SIDE:
        raise StudioError(
            f"{name} has {width:,} x {height:,} pixels.",
            f"Export the model with textures of at most {MOST_SIDE:,} pixels a side.",
        )
    return width, height
