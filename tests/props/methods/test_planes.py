"""Crossed planes: four triangles, seen from both sides, cut by their alpha."""

import numpy as np

from studio.props.methods import planes
from studio.props.settings import Settings
from tests.props import sprites


def test_two_pictures_cross_in_the_middle() -> None:
    model = planes.make(sprites.cutout(sprites.ARROW), Settings(method="planes"))
    (part,) = model.parts
    assert model.triangle_count == 4
    assert part.material.double_sided and part.material.alpha == "mask"
    low, high = model.bounds()
    assert np.allclose(low, (-0.5, 0, -0.5)) and np.allclose(high, (0.5, 1, 0.5))
    pixels = sprites.texture(model)
    assert pixels[0, 0, 3] == 0 and pixels[3, 3].tolist() == [200, 40, 50, 255]


def test_each_reads_from_left_to_right_for_who_looks_at_it() -> None:
    (part,) = planes.make(sprites.cutout(sprites.ARROW), Settings(method="planes")).parts
    front, beside = part.positions[:4], part.positions[4:]
    assert (front[part.uv[:4, 0] == 0, 0] < 0).all()
    assert (beside[part.uv[4:, 0] == 0, 2] > 0).all()  # seen from +x, +z is on the left


def test_glass_is_blended() -> None:
    (part,) = planes.make(
        sprites.pictures.cut(sprites.potion(), Settings()), Settings(method="planes")
    ).parts
    assert part.material.alpha == "blend" and part.material.double_sided
    (asked,) = planes.make(sprites.cutout(sprites.RING), Settings(alpha="blend")).parts
    assert asked.material.alpha == "blend"


def test_a_painting_keeps_its_soft_edges() -> None:
    cutout = sprites.pictures.cut(sprites.painting(), Settings())
    model = planes.make(cutout, Settings(method="planes"))
    alpha = sprites.texture(model)[..., 3]
    assert ((alpha >= 128) == cutout.solid).all()
    assert len(np.unique(alpha)) > 20
