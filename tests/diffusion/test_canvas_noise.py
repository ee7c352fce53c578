"""Noise of one canvas: the same wherever it is cut, plain normal, and round where it wraps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from studio.diffusion.canvas_noise import BLOCK, Canvas, cut

CANVAS = Canvas(seed=5, channels=4, pixels=8.0)


@dataclass(frozen=True)
class At:
    left: int
    top: int


def test_tiles_agree_where_they_overlap() -> None:
    whole = cut(CANVAS, At(0, 0), (200, 300))
    for left, top in ((0, 0), (8 * 50, 8 * 3), (8 * BLOCK, 8 * (BLOCK - 1)), (8 * 137, 8 * 61)):
        part = cut(CANVAS, At(left, top), (70, 90))
        x, y = left // 8, top // 8
        assert torch.equal(part, whole[:, y : y + 70, x : x + 90])
    assert torch.equal(cut(CANVAS, At(3, 4), (4, 4)), whole[:, 1:5, :4])  # the nearest cell


def test_it_is_noise_and_another_seed_is_other_noise() -> None:
    found = cut(CANVAS, At(0, 0), (256, 256))
    assert abs(float(found.mean())) < 0.01 and abs(float(found.std()) - 1) < 0.01
    other = cut(replace(CANVAS, seed=6), At(0, 0), (256, 256))
    assert abs(float((found * other).mean())) < 0.01
    beside = cut(CANVAS, At(8 * BLOCK, 0), (BLOCK, BLOCK))
    assert abs(float((found[:, :BLOCK, :BLOCK] * beside).mean())) < 0.05  # blocks don't repeat


def test_over_a_wrapped_edge_it_goes_on_at_the_other_side() -> None:
    wrapped = replace(CANVAS, wrap="x", width=8 * 100, height=8 * 40)
    first = cut(wrapped, At(0, 0), (40, 100))
    over = cut(wrapped, At(8 * 90, 0), (40, 20))
    assert torch.equal(over, torch.cat([first[..., 90:], first[..., :10]], -1))
    below = cut(wrapped, At(0, 8 * 30), (20, 10))
    assert not torch.equal(below[:, 10:], first[:, :10, :10])  # not on the other axis
    both = replace(wrapped, wrap="xy")
    assert torch.equal(cut(both, At(0, 8 * 30), (20, 10))[:, 10:], first[:, :10, :10])


def test_tiles_that_are_drawn_larger_have_more_cells() -> None:
    fine = replace(CANVAS, pixels=4.0)
    whole = cut(fine, At(0, 0), (100, 100))
    assert torch.equal(cut(fine, At(40, 80), (20, 20)), whole[:, 20:40, 10:30])
