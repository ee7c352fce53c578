"""Textures as drawing looks them up: nearest or linear, clamped, repeated or mirrored."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.images import formats
from studio.images.deep import as_rgba
from studio.props import limits
from studio.props.model import Texture

FORMATS = ("PNG", "JPEG")
NAME = "A texture of the model"

Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Texels:
    """A texture's pixels as RGBA bytes [h, w, 4], and its sampler."""

    pixels: NDArray[np.uint8]
    nearest: bool
    wraps: tuple[str, str]


def size_of(texture: Texture) -> tuple[int, int]:
    """Width and height by the header. StudioError where it is no PNG or JPEG, or too large."""
    return limits.picture_size(texture.data, NAME)


def read(texture: Texture, about: int = limits.MOST_SIDE) -> Texels:
    """The texture's pixels. Of one that is filtered linearly and has more than `about` pixels a
    side, averages of whole blocks are taken until it has no more: what is drawn small shows
    speckles else. The file's numbers are taken as they are, without its profile, as engines do.
    StudioError where it is damaged, no PNG or JPEG, or too large."""
    size_of(texture)
    try:
        with formats.opened(io.BytesIO(texture.data), FORMATS) as picture:
            if not texture.nearest:
                picture.draft(None, (about, about))
            picture.load()
            deep = picture.mode.startswith(("I", "F"))
            rgba = as_rgba(picture)[0] if deep else picture.convert("RGBA")
    except formats.DAMAGED as error:
        raise StudioError(f"{NAME} is damaged ({error}).", "Export the model again.") from error
    factor = -(-max(rgba.size) // about)
    if factor > 1 and not texture.nearest:
        rgba = rgba.reduce(factor)
    return Texels(np.asarray(rgba), texture.nearest, (texture.wrap_s, texture.wrap_t))


def sampled(texels: Texels, uv: Floats, *, opaque: bool = False) -> Floats:
    """The texture's values [n, 4] at `uv` [n, 2], bytes as float64 from 0 to 255. Where it is
    filtered linearly, colours count by their alpha, so that what is hidden shows nowhere;
    `opaque`: alpha means nothing, and all count alike."""
    height, width = texels.pixels.shape[:2]
    u, v = np.asarray(uv[:, 0], np.float64) * width, np.asarray(uv[:, 1], np.float64) * height
    across, down = texels.wraps
    if texels.nearest:
        x, y = _wrapped(_floor(u), width, across), _wrapped(_floor(v), height, down)
        return texels.pixels[y, x].astype(np.float64)
    left, top = _floor(u - 0.5), _floor(v - 0.5)
    right_share, lower_share = u - 0.5 - left, v - 0.5 - top
    columns = [_wrapped(left + step, width, across) for step in (0, 1)]
    rows = [_wrapped(top + step, height, down) for step in (0, 1)]
    total, weight = np.zeros((len(u), 4)), np.zeros(len(u))
    for row, by_row in zip(rows, (1 - lower_share, lower_share), strict=True):
        for column, by_column in zip(columns, (1 - right_share, right_share), strict=True):
            found = texels.pixels[row, column].astype(np.float64)
            share = by_row * by_column
            counts = share if opaque else share * found[:, 3] / 255
            total[:, :3] += found[:, :3] * counts[:, None]
            total[:, 3] += found[:, 3] * share
            weight += counts
    total[:, :3] /= np.where(weight > 0, weight, 1.0)[:, None]
    return total


def _floor(values: Floats) -> Whole:
    """As whole numbers, those that no texture is repeated to made 0."""
    safe = np.where(np.abs(values) < 2**40, values, 0.0)
    return np.floor(safe).astype(np.int64)


def _wrapped(places: Whole, size: int, wrap: str) -> Whole:
    if wrap == "repeat":
        return places % size
    if wrap == "mirror":
        back = places % (2 * size)
        return np.where(back < size, back, 2 * size - 1 - back)
    return np.clip(places, 0, size - 1)
