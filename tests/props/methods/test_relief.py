"""Inflated forms: round, as many triangles as are asked for, their outline kept."""

import numpy as np
import pytest

from studio.props import checks, pictures
from studio.props.methods import relief
from studio.props.settings import Settings
from tests.pixels.drawn import drawn
from tests.props import sprites
from tests.upscaling.strips import sprite


def made(cutout, **more):
    return relief.make(cutout, Settings(method="relief", **more))


@pytest.mark.parametrize("rows", [*sprites.ALL.values(), sprites.KNOTTED])
def test_pixels_that_touch_do_not_pinch_it(rows) -> None:
    surface = checks.closed_of(made(sprites.cutout(rows)))
    assert surface.manifold, surface


def test_no_edge_within_lies_on_the_outline_with_both_ends() -> None:
    for rows in (sprites.KNOTTED, ["RRR", "R..", "RRR"], ["RRRR"]):
        solid = drawn(rows)[::-1, :, 3] > 0
        half = relief.of_pixels(solid, 2.0)
        flat = half.points[:, 2] == 0
        edges = np.concatenate([half.triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
        _, count = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
        pairs = np.unique(np.sort(edges, axis=1), axis=0)
        assert not flat[pairs[count == 2]].all(axis=1).any()
        assert flat[pairs[count == 1]].all()


def test_it_is_highest_where_it_is_widest_and_no_higher_than_asked() -> None:
    cutout = pictures.cut(sprites.Image.fromarray(sprite(48, 40), "RGBA"), Settings())
    model = made(cutout, depth=0.4)
    low, high = model.bounds()
    assert high[2] - low[2] == pytest.approx(0.4, abs=0.02)
    (part,) = model.parts
    top = part.positions[part.positions[:, 2].argmax()]
    assert np.hypot(top[0], top[1] - 0.5) < 0.35


def test_a_thin_thing_is_as_thick_as_it_is_wide() -> None:
    low, high = made(sprites.cutout(["R"] * 24)).bounds()
    assert high[2] - low[2] == pytest.approx(high[0] - low[0])


def test_it_is_decimated_to_about_what_is_wanted_and_keeps_its_outline() -> None:
    cutout = pictures.cut(sprites.painting(), Settings())
    counts = {}
    for detail in (0.25, 0.5, 1.0):
        model = made(cutout, detail=detail)
        counts[detail] = model.triangle_count
        assert checks.closed_of(model).closed
        (part,) = model.parts
        edge = part.positions[part.positions[:, 2] == 0]
        assert len(np.unique(edge, axis=0)) > 200
    assert counts[0.25] <= counts[0.5] <= counts[1.0]
    assert counts[1.0] <= 1.1 * 4 * relief.TRIANGLES


def test_normals_are_round_across_the_outline() -> None:
    (part,) = made(sprites.cutout(["R" * 12] * 12)).parts
    on_edge = part.positions[:, 2] == 0
    assert np.abs(part.normals[on_edge, 2]).max() < 1e-6
    assert (part.normals[part.positions[:, 2] > 0, 2] > 0).all()
    assert (part.normals[part.positions[:, 2] < 0, 2] < 0).all()
