"""A terrain: a picture made fit to cover ground, square, opaque, of the tile's size, and seamless.

What was done to it is told, so that nobody wonders; only what can't be ground is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.pixels.seams import seam
from studio.tiles.cuts import closed_paths

Pixels = NDArray[np.uint8]
SMALLEST, LARGEST = 8, 4_096  # pixels a side of a picture that may be ground
OPAQUE = 255
CUT = 1.25  # times the larger inner steps: from there on an edge is plainly cut


@dataclass(frozen=True)
class Terrain:
    """Pixels [size, size, 4], all opaque, and sentences on what was done to get there."""

    name: str
    pixels: Pixels
    notes: tuple[str, ...] = ()


def terrain(picture: Image.Image, size: int, name: str) -> Terrain:
    """The picture (RGBA) as ground for tiles of `size` pixels; StudioError for what can't be."""
    width, height = picture.size
    if max(width, height) > LARGEST:
        raise StudioError(
            f"The terrain {name!r} is {width:,} x {height:,} pixels.",
            f"Scale it to at most {LARGEST:,} a side; a tile of {size} shows no more.",
        )
    if min(width, height) < SMALLEST:
        raise StudioError(
            f"The terrain {name!r} is {width} x {height} pixels: too small to be ground.",
            f"Take one of at least {SMALLEST} a side, best of the tile's size ({size}).",
        )
    check_opaque(picture, name)
    notes = []
    if width != height:
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
        notes.append(f"It is {width} x {height}: its middle {side} x {side} is used.")
    picture, said = _at_size(picture, size)
    pixels = np.array(picture.convert("RGBA"))
    pixels, more = _joined(pixels)
    return Terrain(name, pixels, (*notes, *said, *more))


def _joined(pixels: Pixels) -> tuple[Pixels, list[str]]:
    """The same with its edges mended where they are plainly cut, and what is to be said of them. A
    figure a little above 1 may be a texture of few colours that is whole: that is only said."""
    worst = max(seam(pixels, axis).figure for axis in "xy")
    if worst <= 1:
        return pixels, []
    if max(_step(pixels, 0), _step(pixels, 1)) < CUT:
        return pixels, [f"Its seam figure is {worst:.1f}, and above 1 a seam may show: look at it."]
    mended = seamless(pixels)
    now = max(seam(mended, axis).figure for axis in "xy")
    return mended, [
        f"Not seamless: its edges stand out {worst:.1f} times as much as they may (seam figure). "
        f"They were mended, which leaves {now:.1f}."
    ]


def _step(pixels: Pixels, axis: int) -> float:
    """The step over the edge, in 90th percentiles of the steps between inner lines (both mean
    distances in OKLab)."""
    lab = to_oklab(pixels[..., :3])
    steps = np.linalg.norm(np.roll(lab, -1, axis) - lab, axis=-1).mean(1 - axis)
    return float(steps[-1]) / max(float(np.quantile(steps[:-1], 0.9)), 1e-3)


def check_opaque(picture: Image.Image, name: str) -> None:
    """StudioError where something shows through."""
    through = float((np.asarray(picture.getchannel("A")) < OPAQUE).mean())
    if through:
        raise StudioError(
            f"The terrain {name!r} is transparent in {max(1, round(through * 100))} % of its "
            "pixels, so ground would have holes.",
            "Draw it with an opaque fill, or paint its holes over, and choose it again.",
        )


def _at_size(picture: Image.Image, size: int) -> tuple[Image.Image, list[str]]:
    """Square, scaled as its pixels allow: blocks of equal pixels to one each, smaller pictures by
    repetition or whole factors, larger ones by their mean."""
    side = picture.width
    if side == size:
        return picture, []
    factor = _blocks(np.asarray(picture))
    if factor > 1:
        native = picture.resize((side // factor,) * 2, Image.Resampling.NEAREST)
        scaled, said = _at_size(native, size)
        return scaled, [f"Each of its pixels is {factor} wide; one is kept of each.", *said]
    if size % side == 0:
        tiled = np.tile(np.asarray(picture), (size // side, size // side, 1))
        return Image.fromarray(tiled), [f"It is {side} wide: repeated to {size}."]
    how = Image.Resampling.BOX if side > size else Image.Resampling.NEAREST
    return picture.resize((size, size), how), [f"It is {side} wide: scaled to {size}."]


def _blocks(pixels: Pixels) -> int:
    """The largest whole factor by which a pixel picture was enlarged with nearest neighbour."""
    side = pixels.shape[0]
    for factor in range(16, 1, -1):
        if side % factor == 0 and side // factor >= SMALLEST:
            small = pixels[::factor, ::factor]
            if (small.repeat(factor, 0).repeat(factor, 1) == pixels).all():
                return factor
    return 1


def seamless(pixels: Pixels) -> Pixels:
    """The same ground without a seam: rolled by half, then the cross that its edges make now is
    covered with its own middle, along the cheapest cuts."""
    for axis in (1, 0):
        turned = pixels if axis == 1 else pixels.swapaxes(0, 1)
        turned = _covered(turned)
        pixels = turned if axis == 1 else turned.swapaxes(0, 1)
    return np.ascontiguousarray(pixels)


def _covered(pixels: Pixels) -> Pixels:
    """Seamless from left to right."""
    half = pixels.shape[1] // 2
    band = max(3, half // 2)
    rolled = np.roll(pixels, half, 1)
    apart = np.square(to_oklab(rolled[..., :3]) - to_oklab(pixels[..., :3])).sum(-1)
    both = np.stack([apart[:, half - band : half], apart[:, half : half + band]])
    (left, right), _ = closed_paths(both)
    columns = np.arange(pixels.shape[1])
    own = (columns >= left[:, None] + half - band) & (columns <= right[:, None] + half)
    return np.where(own[..., None], pixels, rolled)
