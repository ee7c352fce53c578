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
}


def _enlarged(native: np.ndarray, size: int, kernel: Kernel) -> np.ndarray:
    column = Image.fromarray(native.astype(np.float32)[:, None])
    return np.asarray(column.resize((1, size), HOW[kernel]))


@pytest.mark.parametrize("kernel", enlarging.KERNELS)
@pytest.mark.parametrize(("count", "size"), [(32, 331), (20, 110), (7, 21)])
def test_enlarging_is_pillows_and_comes_back(kernel: Kernel, count: int, size: int) -> None:
    native = np.random.default_rng(count).uniform(0, 255, count)
    large = _enlarged(native, size, kernel)
    axis = enlarging.axis_of(size, size / count, 0)
    assert axis.count == count
    assert enlarging.mixing(axis, kernel).matrix() @ native == pytest.approx(large[:, 0], abs=1e-2)
    assert enlarging.native_lines(large, axis, kernel)[:, 0] == pytest.approx(native, abs=0.1)
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
        (4, 10, 2, 2, slice(1, 2)),
    ],
)
def test_cells_count_that_are_at_least_half_seen(
    size: int, step: float, offset: float, count: int, kept: slice
) -> None:
    axis = enlarging.axis_of(size, step, offset)
    assert axis.count == count
    found = enlarging.whole(axis)
    assert (found.start, found.stop) == (kept.start, kept.stop)
