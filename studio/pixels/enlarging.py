"""How enlarging mixes native pixels along one axis, and the native pixels back from what it made.

Enlarging is linear: a line of the large picture is `mixing @ native line`, each large pixel taking
part of the few native ones around it. So the native line is the least-squares answer, and how much
of the picture it can't explain tells whether the picture was enlarged so. The kernels are Pillow's
nearest, bilinear and bicubic (Keys, 1981, a = -0.5), in native pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

Floats = NDArray[np.floating[Any]]
Kernel = Literal["nearest", "bilinear", "bicubic"]
KERNELS: tuple[Kernel, ...] = ("nearest", "bilinear", "bicubic")
REACH: dict[Kernel, int] = {"nearest": 1, "bilinear": 2, "bicubic": 4}  # native pixels in one
A = -0.5
RIDGE = 1e-6  # of the largest weight: native pixels that nothing shows are 0
SLACK = 1e-6  # of a step, for sums of floats


@dataclass(frozen=True)
class Axis:
    """One axis of an enlarged picture: `size` pixels that show `count` native ones, each `step`
    wide, the first of which begins at `start`; 0, or below where the picture cuts it."""

    size: int
    step: float
    start: float
    count: int


def axis_of(size: int, step: float, offset: float) -> Axis:
    """The axis of a grid with a line at `offset`, with every native pixel of which a part is
    seen."""
    start = offset % step
    if start > SLACK * step:
        start -= step
    return Axis(size, step, start, max(1, int(np.ceil((size - start) / step - SLACK))))


def whole(axis: Axis) -> slice:
    """Those native pixels of an axis of which at least half is seen; one at least."""
    first = int(-axis.start > axis.step / 2 * (1 + SLACK))
    seen = (axis.size - axis.start) / axis.step - (axis.count - 1)
    last = axis.count - int(seen < 0.5 - SLACK)
    return slice(first, last) if last > first else slice(0, 1)


@dataclass(frozen=True)
class Mixing:
    """`near` [size, reach] are the native pixels that each pixel takes from, `share` how much."""

    axis: Axis
    near: NDArray[np.int64]
    share: Floats

    def matrix(self) -> sparse.csr_array:
        """As a matrix [size, count] whose rows add up to 1."""
        size, reach = self.near.shape
        ends = np.arange(0, size * reach + 1, reach)
        shape = (size, self.axis.count)
        return sparse.csr_array((self.share.ravel(), self.near.ravel(), ends), shape)

    def square(self) -> Floats:
        """The lower bands of matrix.T @ matrix, as `solveh_banded` wants them."""
        reach, count = self.near.shape[1], self.axis.count
        bands = np.zeros((min(reach, count), count))
        for row in range(len(bands)):
            for left in range(reach - row):
                both = self.share[:, left] * self.share[:, left + row]
                bands[row] += np.bincount(self.near[:, left], both, count)
        bands[0] += RIDGE * bands[0].max()
        return bands


def mixing(axis: Axis, kernel: Kernel) -> Mixing:
    """What each pixel of an axis takes of which native ones."""
    at = (np.arange(axis.size) + 0.5 - axis.start) / axis.step - 0.5  # in native pixels' middles
    reach = REACH[kernel]
    if reach == 1:
        near = np.clip(np.floor(at + 0.5).astype(np.int64), 0, axis.count - 1)[:, None]
        return Mixing(axis, near, np.ones(near.shape))
    near = np.floor(at).astype(np.int64)[:, None] + np.arange(1 - reach // 2, 1 + reach // 2)
    share = _share(kernel, np.abs(at[:, None] - near))
    # At the ends what is missing counts for nothing, as Pillow has it.
    share = np.where((near < 0) | (near >= axis.count), 0, share)
    return Mixing(axis, np.clip(near, 0, axis.count - 1), share / share.sum(1, keepdims=True))


def _share(kernel: Kernel, far: Floats) -> Floats:
    if kernel == "bilinear":
        return np.clip(1 - far, 0, None)
    inner = ((A + 2) * far - (A + 3)) * far * far + 1
    outer = (((far - 5) * far + 8) * far - 4) * A
    return np.where(far < 1, inner, np.where(far < 2, outer, 0.0))


def native_lines(lines: Floats, axis: Axis, kernel: Kernel) -> Floats:
    """The native lines [count, n] that explain `lines` [size, n] best."""
    mixed = mixing(axis, kernel)
    return _solved(mixed, mixed.matrix().T @ lines)


def unexplained(lines: Floats, axis: Axis, kernel: Kernel) -> float:
    """Squares of `lines` [size, n] that no native lines explain, per pixel that is free to differ:
    finer grids explain more by their number alone."""
    mixed = mixing(axis, kernel)
    taken = mixed.matrix().T @ lines
    explained = float((taken * _solved(mixed, taken)).sum())
    return max(0.0, float((lines**2).sum()) - explained) / max(1, axis.size - axis.count)


def _solved(mixed: Mixing, taken: Floats) -> Floats:
    bands = mixed.square()
    if len(bands) == 1:
        return taken / bands[0][:, None]
    solved: Floats = linalg.solveh_banded(bands, taken, lower=True, check_finite=False)
    return solved
