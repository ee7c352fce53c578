"""The native step of an enlarged axis: the one at which what is left unexplained drops.

Grids finer by one cell explain a little more each. Where a picture was enlarged, the true number of
cells explains all but noise, while one more or one less explains it badly: a dip that no painting
has. So what is looked for is depth below both neighbours, not a small error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from studio.pixels.enlarging import Axis, Floats, Kernel, axis_of, unexplained

FEWEST = 6  # cells each way; fewer prove nothing
CLOSEST = 2.0  # pixels a cell
RANK = 16  # directions that are kept of an axis's lines; noise lies in all of them
FLOOR = 1e-7  # of a line's squares: what rounding leaves
LEAST = 1e-12  # where all is one colour
LOOKED: tuple[Kernel, ...] = ("nearest", "bilinear", "soft")  # bicubic dips under bilinear too
PADDED = 16  # times as finely as the profile's own frequencies
PEAKS, PLACES = 12, 8  # steps that are tried, offsets a step
REFINED = 4  # of the deepest, and of the coarsest
COARSER = 0.5  # of the depth: a coarser grid that is so deep explains the finer one
HALVINGS = 8
EVEN = 0.02  # of a logarithm: no more than this is no difference
MULTIPLES = (2, 3)


@dataclass(frozen=True)
class Found:
    """A step with the place of a line, and how deep what is unexplained drops there: the logarithm
    of its share of the neighbours', below 0."""

    step: float
    offset: float
    depth: float
    kernel: Kernel = "nearest"


def lines_of(pixels: Floats) -> Floats:
    """The columns of pixels [h, w, channels] as lines along x, [w, n]: as few as hold nearly all of
    their squares, since native columns are few and noise is not."""
    columns = pixels.transpose(1, 0, 2).reshape(pixels.shape[1], -1).astype(np.float32)
    columns = columns - columns.mean(0)
    square = (columns @ columns.T).astype(np.float64)
    size = len(square)
    kept = min(RANK, size)
    strength, ways = scipy.linalg.eigh(square, subset_by_index=[size - kept, size - 1])
    lines: Floats = ways * np.sqrt(np.clip(strength, 0, None))
    return lines


def filling(lines: Floats) -> list[Found]:
    """How deep it drops at each number of cells that fill the whole axis."""
    size = len(lines)
    numbers = np.arange(FEWEST - 1, int(size / CLOSEST) + 2)
    depths = np.zeros(len(numbers))
    for kernel in LOOKED:
        left = _left(lines, [Axis(size, size / n, 0.0, int(n)) for n in numbers], kernel)
        depths[1:-1] = np.minimum(depths[1:-1], left[1:-1] - np.minimum(left[:-2], left[2:]))
    return [
        Found(size / int(number), 0.0, float(depth))
        for number, depth in zip(numbers[1:-1], depths[1:-1], strict=True)
    ]


def placed(lines: Floats) -> list[Found]:
    """Steps with their offsets, where no line needs to be at the picture's edge; deepest first."""
    size = len(lines)
    found = []
    for step in _steps(lines):
        for kernel in LOOKED[:2]:
            offsets = np.arange(PLACES) / PLACES * step
            left = _left(lines, [axis_of(size, step, place) for place in offsets], kernel)
            best = int(left.argmin())
            # A wrong step leaves as much at every offset.
            depth = float(left[best] - np.median(left))
            found.append(Found(step, float(offsets[best]), depth, kernel))
    if not found:
        return []
    found.sort(key=lambda one: one.depth)
    # Halves and thirds of a step explain all that it does: the coarsest is looked at too.
    deep = [one for one in found[REFINED:] if one.depth <= COARSER * found[0].depth]
    deep.sort(key=lambda one: -one.step)
    near = [refined(lines, one) for one in (*found[:REFINED], *deep[:REFINED])]
    for one in list(near):
        for times in MULTIPLES:
            if one.step * times * FEWEST > size:
                continue
            among = [
                refined(lines, Found(one.step * times, one.offset + k * one.step, 0, one.kernel))
                for k in range(times)
            ]
            near.append(min(among, key=lambda found: found.depth))
    return sorted(near, key=lambda one: one.depth)


def refined(lines: Floats, found: Found) -> Found:
    """The step and offset nearby that leave least: each in turn, by ever smaller ways."""
    size, kernel = len(lines), found.kernel

    def left(step: float, offset: float) -> float:
        return float(_left(lines, [axis_of(size, step, offset)], kernel)[0])

    step, offset = found.step, found.offset % found.step
    least = left(step, offset)
    far_step, far_offset = step * step / size / 4, step / PLACES / 2
    for _ in range(HALVINGS):
        ways = ((far_step, 0.0), (-far_step, 0.0), (0.0, far_offset), (0.0, -far_offset))
        for by_step, by_offset in ways:
            # The line nearest to the middle stays, so that step and offset are told apart.
            cells = round((size / 2 - offset) / step)
            to = step + by_step
            at = (offset + cells * step + by_offset - cells * to) % to
            now = left(to, at)
            if now < least:
                step, offset, least = to, at, now
        far_step, far_offset = far_step / 2, far_offset / 2
    # Nearest leaves as much anywhere within a pixel: whole numbers are likelier.
    for to, at in ((step, round(offset)), (round(step), round(offset))):
        if left(to, at) <= least + EVEN:
            step, offset = float(to), float(at) % to
    away = [left(step, offset + step * part) for part in (0.3, 0.5, 0.7)]
    return Found(float(step), float(offset), least - float(np.median(away)), kernel)


def filled(lines: Floats, found: Found) -> Found:
    """A grid that fills the whole axis with about as many cells, if it leaves no more."""
    size = len(lines)
    near = round(size / found.step)
    axes = [axis_of(size, size / cells, 0.0) for cells in range(max(1, near - 1), near + 2)]
    left = _left(lines, [*axes, axis_of(size, found.step, found.offset)], found.kernel)
    best = int(left[:-1].argmin())
    if left[best] > left[-1] + EVEN:
        return found
    return Found(axes[best].step, 0.0, found.depth, found.kernel)


def _left(lines: Floats, axes: list[Axis], kernel: Kernel) -> Floats:
    floor = FLOOR * float((lines**2).sum()) / len(lines) + LEAST
    left: Floats = np.log([unexplained(lines, axis, kernel) + floor for axis in axes])
    return left


def _steps(lines: Floats) -> Iterator[float]:
    """Steps that the bends of the lines repeat at, and their multiples.

    Enlarging bends a line at native pixels' edges or middles alone: what bends is a comb, whose
    spectrum has a peak at 1 / step and at each multiple of that.
    """
    size = len(lines)
    bends = np.sqrt((np.diff(lines, 2, axis=0) ** 2).sum(1))
    bends = (bends - bends.mean()) * scipy.signal.windows.hann(len(bends))
    strength = np.abs(np.fft.rfft(bends, PADDED * size))
    first = PADDED * FEWEST
    peaks, _ = scipy.signal.find_peaks(strength[first : int(PADDED * size / CLOSEST)])
    seen: set[int] = set()
    yield CLOSEST  # the last frequency that there is can be no peak
    for peak in sorted(peaks + first, key=lambda at: -strength[at])[:PEAKS]:
        for part in (1, 2, 3):
            if peak / part >= first and round(peak / part) not in seen:
                seen.add(round(peak / part))
                yield PADDED * size * part / peak
