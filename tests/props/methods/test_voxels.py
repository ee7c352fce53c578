"""Voxels, read off small drawings."""

import numpy as np
import pytest

from studio.props import checks
from studio.props.methods import voxels
from studio.props.settings import Settings
from tests.props import sprites


def made(rows, **more):
    return voxels.make(sprites.cutout(rows), Settings(method="voxels", **more))


def test_one_pixel_is_a_cube() -> None:
    model = made(sprites.PIXEL)
    assert model.triangle_count == 12
    assert np.allclose(np.subtract(*model.bounds()[::-1]), 1)
    assert checks.closed_of(model).manifold


def test_the_middle_is_twice_as_deep_as_the_edge() -> None:
    model = made(["R" * 16] * 16, depth=0.5)
    low, high = model.bounds()
    assert high[2] - low[2] == pytest.approx(0.5)
    (part,) = model.parts
    edge = part.positions[np.isclose(part.positions[:, 1], 0)]
    assert edge[:, 2].max() - edge[:, 2].min() == pytest.approx(0.25)
    depths = np.unique(np.round(part.positions[:, 2] * 16, 6))
    assert np.allclose(depths * 2, np.round(depths * 2))  # whole pixels from front to back


def test_without_detail_it_is_one_slab() -> None:
    model = made(["R" * 16] * 16, depth=0.5, detail=0.0)
    assert model.triangle_count == 12


def test_faces_are_joined_across_colours() -> None:
    plain = made(["RRRR"] * 4, detail=0.0)
    mixed = made(["RGBR", "GRBB", "RRGG", "BGRW"], detail=0.0)
    assert mixed.triangle_count == plain.triangle_count == 12


def test_its_colours_are_the_sprites_and_those_of_sides_lie_within_the_outline() -> None:
    model = made(["KKKKK", "KRRRK", "KRRRK", "KRRRK", "KKKKK"])
    (part,) = model.parts
    pixels = sprites.texture(model)
    walls = part.triangles[(np.abs(part.normals[part.triangles[:, 0], 2]) < 0.5)]
    middles = part.uv[walls].mean(1) * (pixels.shape[1], pixels.shape[0])
    shown = {tuple(pixels[y, x, :3]) for x, y in np.floor(middles).astype(int).tolist()}
    assert shown == {(200, 40, 50)}


def test_a_thin_thing_is_not_deep() -> None:
    low, high = made(["R"] * 32).bounds()
    assert high[2] - low[2] < 3 / 32


def test_pieces_of_glass_share_their_border_with_the_rest() -> None:
    for seed in range(4):
        picture = np.array(sprites.noisy(seed, share=0.8))
        glass = (np.random.default_rng(seed).random(picture.shape[:2]) < 0.12) & (
            picture[..., 3] > 0
        )
        picture[glass] = (90, 170, 220, 120)
        cutout = sprites.pictures.cut(sprites.Image.fromarray(picture, "RGBA"), Settings())
        model = voxels.make(cutout, Settings(method="voxels"))
        assert len(model.parts) == 2
        assert checks.closed_of(model).closed, seed


def test_a_large_picture_is_made_of_a_smaller_copy() -> None:
    rows = [("R" * 130 if row % 2 else "G" * 130) for row in range(120)]
    model = made(rows)
    assert checks.closed_of(model).closed
    assert sprites.texture(model).shape[0] <= 96 + 4  # beside the front lie the sides
