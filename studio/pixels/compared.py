"""What became of a picture: how the one that is used differs from the one that was drawn.

Both are laid upon each other first, so that a figure that was moved, cropped or set on another
canvas counts as the same. What differs is told in terms of the palette: where one colour became
another one as a whole the picture was recoloured, all else was drawn anew.

Not covered: a picture that was turned, mirrored, or scaled by anything but a whole factor counts as
redrawn, and so may one with thousands of colours whose hues were all shifted. Differences between
alphas on the same side of one half are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studio.colours import to_oklab
from studio.images.fitting import OPAQUE
from studio.pixels.canvas import seen
from studio.pixels.counted_colours import palette_of
from studio.pixels.hex_colours import Pixels, rgb_of
from studio.pixels.snapping import Labels, nearest, packed, unpacked

State = Literal["as is", "recoloured", "touched up", "redrawn"]

SAME = 0.02  # distance in OKLab that nobody sees; a level more or less is a sixth of it
TOUCHED = 0.25  # share that is drawn anew, up to which a picture is touched up
COLOURS = 32  # in which a picture is compared
SURE = 0.8  # share of a colour's pixels that became one other colour
MAIN = 0.02  # share of the picture from which on a colour counts
LONGEST = 1024  # pixels a side up to which the place is found to the pixel
ALIKE = 1e-6  # of the best overlap: sums of floats

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """How a picture changed. `moved`: by how many pixels to the right and down its figure lies
    elsewhere on the canvas. `recoloured` and `redone`: shares of what is drawn in either picture
    whose colour became another as a whole, and that is new."""

    state: State
    moved: tuple[int, int]
    recoloured: float
    redone: float


def compared(drawn: Pixels, used: Pixels) -> Compared:
    """How `used` differs from `drawn`, both RGBA [h, w, 4] of any size; one that was enlarged by a
    whole factor is compared at its own size."""
    ways = (_compared(drawn, one) for one in (used, *_reduced(drawn, used)))
    return min(ways, key=lambda one: (one.redone, one.recoloured))


def _compared(drawn: Pixels, used: Pixels) -> Compared:
    right, down = _moved(drawn, used)
    one, other = _laid(drawn, used, right, down)
    here, there = one[..., 3] >= OPAQUE, other[..., 3] >= OPAQUE
    both, total = here & there, int((here | there).sum())
    if not total:
        return Compared("as is", (0, 0), 0.0, 0.0)
    swapped = new = 0
    if both.any():
        before, after = one[both], other[both]
        apart = np.linalg.norm(to_oklab(before[:, :3]) - to_oklab(after[:, :3]), axis=-1)
        changed = apart > SAME
        as_a_whole = changed & _swapped(before, after)
        swapped, new = int(as_a_whole.sum()), int((changed & ~as_a_whole).sum())
    redone = (int((here ^ there).sum()) + new) / total
    recoloured = swapped / total
    return Compared(_state(recoloured, redone), (right, down), recoloured, redone)


def _state(recoloured: float, redone: float) -> State:
    if redone > TOUCHED:
        return "redrawn"
    if redone > 0:
        return "touched up"
    return "recoloured" if recoloured > 0 else "as is"


def _reduced(drawn: Pixels, used: Pixels) -> Iterator[Pixels]:
    """`used` in pixels of the size that `drawn` has, where it may have been enlarged by a whole
    factor: by their canvases, and by what is seen. It may be a larger canvas, too."""
    if factor := _factor(drawn.shape, used.shape):
        yield used[factor // 2 :: factor, factor // 2 :: factor]
    own, box = seen(drawn), seen(used)
    if own and box and (factor := _factor(drawn[own].shape, used[box].shape)):
        yield used[box][factor // 2 :: factor, factor // 2 :: factor]


def _factor(small: tuple[int, ...], large: tuple[int, ...]) -> int:
    """How many times as high and wide; 0 where it is not the same whole number above 1."""
    down, right = large[0] // small[0], large[1] // small[1]
    fits = (small[0] * down, small[1] * right) == large[:2]
    return down if fits and down == right and down > 1 else 0


def _moved(one: Pixels, other: Pixels) -> tuple[int, int]:
    """How far right and down the second picture's figure lies from where the first's is: where
    they overlap best, by cross-correlation, of equal places the nearest. Larger pictures are looked
    at in steps, and their place is found to that many pixels."""
    step = ceil(max(*one.shape[:2], *other.shape[:2]) / LONGEST)
    first, second = _layers(one[::step, ::step]), _layers(other[::step, ::step])
    high, wide = (first.shape[k] + second.shape[k] for k in (1, 2))
    overlap = np.zeros((high, wide))
    for left, right in zip(first, second, strict=True):
        spectrum = np.fft.rfft2(left, (high, wide)).conj() * np.fft.rfft2(right, (high, wide))
        overlap += np.fft.irfft2(spectrum, (high, wide))
    best = overlap.max()
    places = np.argwhere(overlap >= best - ALIKE * max(best, 1.0))
    # What lies further than the second picture reaches is a step to the left or up.
    reach = np.array(second.shape[1:])
    steps = np.where(places >= reach, places - np.array([high, wide]), places)
    down, across = steps[np.abs(steps).sum(1).argmin()].tolist()
    return across * step, down * step


def _layers(rgba: Pixels) -> Floats:
    """What places are compared by, [2, h, w]: what is opaque, and how light it is."""
    opaque = rgba[..., 3] >= OPAQUE
    light = to_oklab(rgba[..., :3])[..., 0]
    return np.stack([opaque, np.where(opaque, light, 0)]).astype(np.float64)


def _laid(one: Pixels, other: Pixels, right: int, down: int) -> Pixels:
    """Both on one canvas, [2, h, w, 4], the second moved back by `right` and `down`."""
    top, left = min(0, -down), min(0, -right)
    high = max(one.shape[0], other.shape[0] - down) - top
    wide = max(one.shape[1], other.shape[1] - right) - left
    canvas = np.zeros((2, high, wide, 4), np.uint8)
    places = ((one, -top, -left), (other, -down - top, -right - left))
    for layer, (picture, y, x) in zip(canvas, places, strict=True):
        layer[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return canvas


def _swapped(before: Pixels, after: Pixels) -> Mask:
    """Of opaque pixels [n, 4] in the same places those whose colour, as a whole, became the one
    that they have. Where most colours became one, as in a silhouette, none did."""
    first, second = _labels(before), _labels(after)
    table = np.zeros((first.max() + 1, second.max() + 1), np.int64)
    np.add.at(table, (first, second), 1)
    sizes, became = table.sum(1), table.argmax(1)
    main = sizes >= MAIN * len(before)
    if main.sum() > 1 and 2 * len(np.unique(became[main])) <= main.sum():
        return np.zeros(len(before), np.bool_)
    sure = table.max(1) >= SURE * sizes
    return np.asarray(sure[first] & (became[first] == second))


def _labels(opaque: Pixels) -> Labels:
    """For each of opaque pixels [n, 4] the number of its colour, of COLOURS at most."""
    palette = to_oklab(rgb_of(palette_of([opaque[None]], COLOURS)))
    colours, back = np.unique(packed(opaque), return_inverse=True)
    return np.asarray(nearest(to_oklab(unpacked(colours)), palette)[back], np.intp)
