"""What a learned style must beat: the base's pictures made over without any learning.

A distance between feature sets falls a good way when only ground and colours are right. So the
base's own pictures are cut down to silhouettes, or recoloured until their pixels have the style's
statistics; a LoRA that only did the like would come no closer to the style than these.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import images
from studio.colours import from_oklab, to_oklab

Colour = tuple[int, int, int]
Floats = NDArray[np.float64]


def ground_of(style: list[Image.Image]) -> Colour | None:
    """The median colour along the pictures' borders; None where borders are mostly transparent."""
    edges = np.concatenate([_border(np.asarray(p.convert("RGBA"))) for p in style])
    if np.median(edges[:, 3]) < images.OPAQUE:
        return None
    return _colour(np.median(edges[:, :3], axis=0))


def figure_of(style: list[Image.Image], ground: Colour | None) -> Colour:
    """The mean colour, in OKLab, of what the pictures show apart from `ground`."""
    pixels = _visible(style)
    if ground is not None:
        pixels = pixels[np.abs(pixels.astype(int) - np.array(ground)).max(axis=1) > 24]
    if not len(pixels):
        return (255, 255, 255)
    return _colour(from_oklab(to_oklab(pixels).mean(axis=0)[None])[0])


def silhouettes(
    pictures: list[Image.Image], figure: Colour, ground: Colour | None
) -> list[Image.Image]:
    """Every visible pixel in the one colour `figure`; the rest is `ground`, or transparent."""
    found = []
    for picture in pictures:
        shown = np.asarray(picture.convert("RGBA"))[..., 3] >= images.OPAQUE
        made = np.zeros((*shown.shape, 4), np.uint8)
        if ground is not None:
            made[...] = (*ground, 255)
        made[shown] = (*figure, 255)
        found.append(Image.fromarray(made, "RGBA"))
    return found


def recoloured(
    pictures: list[Image.Image], style: list[Image.Image], *, whole_histogram: bool
) -> list[Image.Image]:
    """The pictures with the style's colours: all their pixels together matched to all of its.

    In OKLab, either mean and covariance, or with `whole_histogram` each channel's distribution.
    Where the style has a ground the pictures are laid on it first, and it counts along.
    """
    ground = ground_of(style)
    laid = [images.on_matte(p, ground) if ground else p for p in pictures]
    arrays = [np.array(p.convert("RGBA")) for p in laid]
    wanted = to_oklab(_visible(style)).astype(np.float64)
    had = to_oklab(_visible(laid)).astype(np.float64)
    if not len(had) or len(wanted) < 2:
        return laid
    moved = _by_channel(had, wanted) if whole_histogram else _by_moments(had, wanted)
    colours = from_oklab(moved.astype(np.float32))
    start = 0
    for array in arrays:
        shown = array[..., 3] >= images.OPAQUE
        count = int(shown.sum())
        array[shown, :3] = colours[start : start + count]
        start += count
    return [Image.fromarray(array, "RGBA") for array in arrays]


def _by_moments(had: Floats, wanted: Floats) -> Floats:
    """`had` [n, 3] moved linearly to the mean and covariance of `wanted` [m, 3]."""
    root = _power(np.cov(had.T), 0.5)
    back = _power(np.cov(had.T), -0.5)
    inner = root @ np.cov(wanted.T) @ root
    # The map that moves colours least: Monge's between Gaussians (Pitié and Kokaram, 2007).
    along = back @ _power(inner, 0.5) @ back
    return np.asarray((had - had.mean(axis=0)) @ along.T + wanted.mean(axis=0))


def _power(matrix: Floats, exponent: float) -> Floats:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.maximum(values, 1e-10) ** exponent) @ vectors.T)


def _by_channel(had: Floats, wanted: Floats) -> Floats:
    """Each column of `had` given the quantiles of that column of `wanted`; ties stay ties."""
    moved = np.empty_like(had)
    for channel in range(had.shape[1]):
        _, place, count = np.unique(had[:, channel], return_inverse=True, return_counts=True)
        middle = (np.cumsum(count) - count / 2) / len(had)
        moved[:, channel] = np.quantile(wanted[:, channel], middle)[place]
    return moved


def _visible(pictures: list[Image.Image]) -> NDArray[np.uint8]:
    """RGB [n, 3] of all pixels that show."""
    arrays = [np.asarray(picture.convert("RGBA")).reshape(-1, 4) for picture in pictures]
    pixels = np.concatenate(arrays)
    return pixels[pixels[:, 3] >= images.OPAQUE][:, :3]


def _border(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([rgba[0], rgba[-1], rgba[1:-1, 0], rgba[1:-1, -1]])


def _colour(values: NDArray[Any]) -> Colour:
    red, green, blue = (int(round(float(v))) for v in values)
    return red, green, blue
