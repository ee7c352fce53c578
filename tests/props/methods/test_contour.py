"""Smooth cut-outs: few triangles, a round outline, the hole kept."""

import numpy as np
import pytest

from studio.props import checks, pictures
from studio.props.methods import contour
from studio.props.settings import Settings
from tests.props import sprites


def test_a_painting_has_few_triangles_and_is_one_body() -> None:
    cutout = pictures.cut(sprites.painting(), Settings())
    model = contour.make(cutout, Settings(method="contour"))
    surface = checks.closed_of(model)
    assert surface.manifold and surface.parts == 1
    assert 40 < model.triangle_count < 600
    solid = float(pictures.opacity(cutout).sum()) / cutout.height**2
    assert sprites.volume(model) == pytest.approx(solid * 0.12, rel=0.05)


def test_more_detail_is_more_triangles() -> None:
    cutout = pictures.cut(sprites.painting(), Settings())
    counts = [
        contour.make(cutout, Settings(method="contour", detail=detail)).triangle_count
        for detail in (0.0, 0.5, 1.0)
    ]
    assert counts == sorted(counts) and counts[0] < counts[2]


def test_one_pixel_is_a_diamond() -> None:
    model = contour.make(sprites.cutout(sprites.PIXEL), Settings(method="contour", depth=0.5))
    assert model.triangle_count == 12
    assert sprites.volume(model) == pytest.approx(0.25)


def test_round_walls_have_round_normals_and_corners_have_edges() -> None:
    cutout = pictures.cut(sprites.painting(), Settings())
    (part,) = contour.make(cutout, Settings(method="contour")).parts
    walls = np.abs(part.normals[:, 2]) < 0.5
    places, normals = part.positions[walls], part.normals[walls]
    _, number, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    spread = np.zeros(len(count))
    for one in range(len(count)):
        own = normals[number.ravel() == one]
        spread[one] = np.linalg.norm(own - own[0], axis=1).max()
    assert (spread < 1e-6).mean() > 0.5 and (spread > 0.3).any()
