"""How enlarging mixes native pixels along one axis, and the native pixels back from what it made.

Enlarging is linear: a line of the large picture is `mixing @ native line`, each large pixel taking
part of the few native ones around it. So the native line is the least-squares answer, and how much
of the picture it can't explain tells whether the picture was enlarged so. The kernels are Pillow's,
in native pixels: nearest, bilinear, bicubic (Keys, 1981, a = -0.5) and Lanczos over three; "area"
and "soft" are nearest with edges of one large pixel, as boxes average, and of some.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Kernel = Literal["nearest", "area", "soft", "bilinear", "bicubic", "lanczos"]
REACH: dict[Kernel, int] = {
    "nearest": 1,
    "area": 3,
    "soft": 3,
    "bilinear": 2,
    "bicubic": 4,
    "lanczos": 6,
}
A = -0.5
EDGE = {"area": 1.0, "soft": 4.0}
RIDGE = 1e-6  # of the largest weight: native pixels that nothing shows are 0
SLACK = 1e-6  # of a step, for sums of floats
BLUR = np.array([1, 4, 6, 4, 1]) / 16  # a pixel's deviation; JPEG's chroma at half size, on average


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

    def matrix(self) -> scipy.sparse.csr_array:
        """As a matrix [size, count] whose rows add up to 1."""
        size, reach = self.near.shape
        ends = np.arange(0, size * reach + 1, reach)
        shape = (size, self.axis.count)
        return scipy.sparse.csr_array((self.share.ravel(), self.near.ravel(), ends), shape)

    def square(self) -> Floats:
        """The lower bands of matrix.T @ matrix, as `solveh_banded` wants them."""
        reach, count = self.near.shape[1], self.axis.count
        bands = np.zeros((min(reach, count), count))
        for row in range(len(bands)):
            for left in range(reach - row):
                both = self.share[:, left] * self.share[:, left + row]
                bands[row] += np.bincount(self.near[:, left], both, count)
        return bands


def mixing(axis: Axis, kernel: Kernel) -> Mixing:
    """What each pixel of an axis takes of which native ones."""
    at = (np.arange(axis.size) + 0.5 - axis.start) / axis.step - 0.5  # in native pixels' middles
    reach = REACH[kernel]
    first = np.floor(at + 0.5) - reach // 2 if reach % 2 else np.floor(at) + 1 - reach // 2
    near = first.astype(np.int64)[:, None] + np.arange(reach)
    if kernel == "nearest":
        return Mixing(axis, np.clip(near, 0, axis.count - 1), np.ones(near.shape))
    share = _share(kernel, np.abs(at[:, None] - near), axis.step)
    # At the ends what is missing counts for nothing, as Pillow has it.
    share = np.where((near < 0) | (near >= axis.count), 0, share)
    return Mixing(axis, np.clip(near, 0, axis.count - 1), share / share.sum(1, keepdims=True))


def _share(kernel: Kernel, far: Floats, step: float) -> Floats:
    if kernel in EDGE:
        return np.clip((0.5 - far) * step / min(EDGE[kernel], step) + 0.5, 0, 1)
    if kernel == "bilinear":
        return np.clip(1 - far, 0, None)
    if kernel == "lanczos":
        return np.where(far < 3, np.sinc(far) * np.sinc(far / 3), 0.0)
    inner = ((A + 2) * far - (A + 3)) * far * far + 1
    outer = (((far - 5) * far + 8) * far - 4) * A
    return np.where(far < 1, inner, np.where(far < 2, outer, 0.0))


def unexplained(lines: Floats, axis: Axis, kernel: Kernel) -> float:
    """Squares of `lines` [size, n] that no native lines explain, per pixel that is free to differ:
    finer grids explain more by their number alone."""
    mixed = mixing(axis, kernel)
    taken = mixed.matrix().T @ lines
    return _left(lines, taken, _solved(mixed.square(), taken))


def blurred(axis: Axis, kernel: Kernel, times: int) -> scipy.sparse.csr_array:
    """The matrix of an enlarging after which the picture was blurred, so many times by BLUR."""
    matrix = mixing(axis, kernel).matrix()
    for _ in range(times):
        matrix = _blur(axis.size) @ matrix
    return matrix


@cache
def _blur(size: int) -> scipy.sparse.csr_array:
    """BLUR as a matrix; pixels at the ends count for those beyond."""
    near = np.clip(np.arange(size)[:, None] + np.arange(-2, 3), 0, size - 1)
    ends = np.arange(0, size * 5 + 1, 5)
    return scipy.sparse.csr_array((np.tile(BLUR, size), near.ravel(), ends), (size, size))


def native_lines(lines: Floats, matrix: scipy.sparse.csr_array) -> Floats:
    """The native lines [count, n] that explain `lines` [size, n] best."""
    taken = matrix.T @ lines
    return _solved(_bands(matrix), taken)


def left_by(lines: Floats, matrix: scipy.sparse.csr_array) -> float:
    """As `unexplained`, for any matrix."""
    taken = matrix.T @ lines
    return _left(lines, taken, _solved(_bands(matrix), taken))


def _left(lines: Floats, taken: Floats, native: Floats) -> float:
    explained = float((taken * native).sum())
    free = max(1, len(lines) - len(native))
    return max(0.0, float((lines**2).sum()) - explained) / free


def _bands(matrix: scipy.sparse.csr_array) -> Floats:
    square = (matrix.T @ matrix).todia()
    bands = np.zeros((1 - int(square.offsets.min()), matrix.shape[1]))
    for offset, values in zip(square.offsets, square.data, strict=True):
        if offset <= 0:
            bands[-offset, : len(values)] = values
    return bands


def _solved(bands: Floats, taken: Floats) -> Floats:
    bands[0] += RIDGE * bands[0].max()
    if len(bands) == 1:
        return taken / bands[0][:, None]
    solved: Floats = scipy.linalg.solveh_banded(bands, taken, lower=True, check_finite=False)
    return solved
