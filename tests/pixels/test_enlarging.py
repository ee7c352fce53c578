"""Kernels against Pillow's own enlarging, and back."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio.pixels import enlarging
from studio.pixels.enlarging import Kernel

HOW = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def _enlarged(native: np.ndarray, size: int, kernel: Kernel) -> np.ndarray:
    column = Image.fromarray(native.astype(np.float32)[:, None])
    return np.asarray(column.resize((1, size), HOW[kernel]))


@pytest.mark.parametrize("kernel", HOW)
@pytest.mark.parametrize(("count", "size"), [(31, 330), (21, 116), (7, 22)])
def test_enlarging_is_pillows_and_comes_back(kernel: Kernel, count: int, size: int) -> None:
    native = np.random.default_rng(count).uniform(0, 255, count)
    large = _enlarged(native, size, kernel)
    axis = enlarging.axis_of(size, size / count, 0)
    assert axis.count == count
    assert enlarging.mixing(axis, kernel).matrix() @ native == pytest.approx(large[:, 0], abs=1e-2)
    matrix = enlarging.blurred(axis, kernel, 0)
    assert enlarging.native_lines(large, matrix)[:, 0] == pytest.approx(native, abs=0.1)
    exact, wrong = (
        enlarging.unexplained(large, enlarging.axis_of(size, size / cells, 0), kernel)
        for cells in (count, count + 1)
    )
    assert exact < wrong / 1000


@pytest.mark.parametrize(
    ("size", "step", "offset", "count", "kept"),
    [
        (80, 10, 0, 8, slice(0, 8)),
        (84, 10, 4, 9, slice(1, 9)),  # a cell of which less than half is seen
        (86, 10, 6, 9, slice(0, 9)),
        (86, 10, 10, 9, slice(0, 9)),
        (84, 10, 0, 9, slice(0, 8)),
        (330, 330 / 32, 0, 32, slice(0, 32)),
        (3, 10, 0, 1, slice(0, 1)),  # one cell there is always
    ],
)
def test_cells_count_that_are_at_least_half_seen(
    size: int, step: float, offset: float, count: int, kept: slice
) -> None:
    axis = enlarging.axis_of(size, step, offset)
    assert axis.count == count
    found = enlarging.whole(axis)
    assert (found.start, found.stop) == (kept.start, kept.stop)


@pytest.mark.parametrize("times", [1, 2])
def test_a_blur_afterwards_is_undone_too(times: int) -> None:
    native = np.random.default_rng(5).uniform(0, 255, (31, 1))
    axis = enlarging.axis_of(248, 8, 0)
    matrix = enlarging.blurred(axis, "nearest", times)
    assert matrix.sum(1) == pytest.approx(np.ones(248))
    soft = matrix @ native
    sharp = enlarging.blurred(axis, "nearest", 0)
    assert enlarging.native_lines(soft, matrix) == pytest.approx(native, abs=0.1)
    assert enlarging.left_by(soft, matrix) < enlarging.left_by(soft, sharp) / 1000
