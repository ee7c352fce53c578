"""Cards, read off small drawings."""

import numpy as np
import pytest

from studio.props import checks
from studio.props.methods import card
from studio.props.settings import Settings
from tests.props import sprites

PLAIN = Settings(method="card", depth=0.5)


def made(rows, **more):
    return card.make(sprites.cutout(rows), Settings(method="card", **{"depth": 0.5, **more}))


def test_one_pixel_is_a_box() -> None:
    model = made(sprites.PIXEL)
    assert model.triangle_count == 12
    low, high = model.bounds()
    assert np.allclose(high - low, (1, 1, 0.5))
    assert sprites.volume(model) == pytest.approx(0.5)
    surface = checks.closed_of(model)
    assert surface.manifold and surface.parts == 1


def test_touching_pixels_are_joined_by_a_neck() -> None:
    model = made(sprites.DIAGONAL)
    surface = checks.closed_of(model)
    assert surface.manifold and surface.parts == 1, surface
    # Two pixels of half a metre, and the neck's two slivers: its edges slant by a sixteenth.
    assert sprites.volume(model) == pytest.approx(0.5 * 2 * 0.25 + 0.5 * 4 * 0.25 / 32)


def test_a_hole_is_a_hole_and_parts_stay_apart() -> None:
    ring = made(sprites.RING)
    solid = sum(row.count("R") + row.count("G") for row in sprites.RING)
    assert checks.closed_of(ring).manifold and checks.closed_of(ring).parts == 1
    assert sprites.volume(ring) == pytest.approx(solid * 0.2**2 * 0.5)
    parts = made(sprites.PARTS)
    assert checks.closed_of(parts).parts == 3


def test_walls_show_what_lies_within_the_outline() -> None:
    model = made(["KKKKK", "KRRRK", "KRRRK", "KRRRK", "KKKKK"])
    (part,) = model.parts
    pixels = sprites.texture(model)
    sides = np.flatnonzero(np.abs(part.normals[:, 2]) < 0.5)
    places = np.floor(part.uv[sides] * (pixels.shape[1], pixels.shape[0])).astype(int)
    shown = {tuple(pixels[y, x, :3]) for x, y in places.tolist()}
    assert shown == {(200, 40, 50)}


def test_a_line_on_an_edge_costs_no_points() -> None:
    assert made(["RRRR"]).triangle_count == 12
    assert made(["RGBR"]).triangle_count == 12


def test_pieces_of_glass_share_their_border_with_the_rest() -> None:
    for seed in range(6):
        picture = np.array(sprites.noisy(seed, share=0.7))
        glass = (np.random.default_rng(seed).random(picture.shape[:2]) < 0.12) & (
            picture[..., 3] > 0
        )
        picture[glass] = (90, 170, 220, 120)
        cutout = sprites.pictures.cut(sprites.Image.fromarray(picture, "RGBA"), PLAIN)
        for bevel in (0.0, 0.4):
            model = card.make(cutout, Settings(method="card", bevel=bevel))
            surface = checks.closed_of(model)
            assert surface.closed, (seed, bevel, surface)
