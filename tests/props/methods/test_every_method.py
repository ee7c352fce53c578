"""What is promised of all methods: closed solids, true sizes, the front as it was drawn."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.prop_methods import agreement
from studio.props import checks, glb, making, pictures
from studio.props.settings import METHODS, PIVOTS, Settings
from tests.props import sprites

SOLID = tuple(method for method in METHODS if method != "planes")


def made(picture, method, **more):
    return making.make(picture, Settings(method=method, **more), None).model


@pytest.mark.parametrize("method", SOLID)
@pytest.mark.parametrize("name", [*sprites.ALL, "knotted", "potion", "painting"])
def test_solids_are_closed_and_look_outwards(method, name) -> None:
    pictures_of = {
        **{one: sprites.picture(rows) for one, rows in sprites.ALL.items()},
        "knotted": sprites.picture(sprites.KNOTTED),
        "potion": sprites.potion(),
        "painting": sprites.painting(),
    }
    model = made(pictures_of[name], method)
    surface = checks.closed_of(model)
    assert surface.closed and surface.open_edges == 0, surface
    assert sprites.normals_sound(model)
    assert sprites.volume(model) > 0


@pytest.mark.parametrize("method", SOLID)
@pytest.mark.parametrize("seed", range(6))
def test_whatever_way_pixels_touch_the_solid_is_closed(method, seed) -> None:
    model = made(sprites.noisy(seed), method, bevel=0.3 * (seed % 2))
    surface = checks.closed_of(model)
    assert surface.closed, surface
    if method != "voxels":
        assert surface.nonmanifold_edges == 0, surface
    assert sprites.normals_sound(model)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("pivot", PIVOTS)
def test_it_is_as_high_as_it_is_said_and_stands_on_its_pivot(method, pivot) -> None:
    model = made(sprites.picture(sprites.ARROW), method, height_m=1.75, pivot=pivot)
    low, high = model.bounds()
    assert abs(high[1] - low[1] - 1.75) < 1e-4
    middle = (low + high) / 2
    expected = {
        "feet": (middle[0], low[1], middle[2]),
        "centre": tuple(middle),
        "top": (middle[0], high[1], middle[2]),
        "corner": tuple(low),
    }[pivot]
    assert np.allclose(expected, 0, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rows", [sprites.ARROW, sprites.RING, sprites.KNOTTED, sprites.PIXEL])
def test_the_front_shows_the_sprite(method, rows) -> None:
    cutout = sprites.cutout(rows)
    model = making.MAKE[method](cutout, Settings(method=method))
    assert agreement(model, cutout) >= 0.99


@pytest.mark.parametrize("method", ["contour", "relief", "planes"])
def test_the_front_shows_the_painting(method) -> None:
    cutout = pictures.cut(sprites.painting(), Settings())
    assert cutout.smooth
    assert agreement(making.MAKE[method](cutout, Settings(method=method)), cutout) >= 0.99


@pytest.mark.parametrize("method", METHODS)
def test_the_same_gives_the_same_bytes(method) -> None:
    for picture in (sprites.picture(sprites.ARROW), sprites.painting()):
        first, second = (glb.write(made(picture, method)) for _ in range(2))
        assert first == second


@pytest.mark.parametrize("method", METHODS)
def test_pixel_art_is_sampled_sharply_and_a_painting_smoothly(method) -> None:
    for picture, sharp in ((sprites.picture(sprites.ARROW), True), (sprites.painting(), False)):
        colour = made(picture, method).parts[0].material.colour
        assert colour.nearest == (sharp or method == "voxels")


@pytest.mark.parametrize("method", ["card", "voxels"])
def test_glass_is_a_part_of_its_own(method) -> None:
    model = made(sprites.potion(), method)
    assert [part.material.alpha for part in model.parts] == ["opaque", "blend"]
    assert checks.closed_of(model).closed
    levels = np.unique(sprites.texture(model)[..., 3])
    assert levels.tolist() == [90, 255]
    hard = made(sprites.potion(), method, alpha="mask")
    assert [part.material.alpha for part in hard.parts] == ["opaque"]


@pytest.mark.parametrize("method", SOLID)
def test_a_back_of_its_own(method) -> None:
    arrow = sprites.picture(sprites.ARROW)
    plain = made(arrow, method, back="colour", back_colour="#112233")
    mirrored = made(arrow, method)
    assert sprites.texture(plain).shape[1] > sprites.texture(mirrored).shape[1]
    assert (sprites.texture(plain)[..., :3] == (0x11, 0x22, 0x33)).all(-1).sum() >= 64
    settings = Settings(method=method, back="picture", back_picture="0f" * 32)
    blue = sprites.picture(["B" * 8] * 8)
    own = making.make(arrow, settings, blue).model
    assert (sprites.texture(own)[..., :3] == (50, 90, 200)).all(-1).sum() >= 64


@pytest.mark.parametrize("method", ["card", "contour"])
def test_a_bevel_slants_the_edges_and_keeps_the_solid_closed(method) -> None:
    for picture in (sprites.picture(sprites.RING), sprites.painting()):
        plain, bevelled = (made(picture, method, bevel=bevel) for bevel in (0.0, 0.5))
        assert checks.closed_of(bevelled).closed
        assert bevelled.triangle_count > plain.triangle_count
        assert 0 < sprites.volume(bevelled) < sprites.volume(plain)
        assert np.allclose(bevelled.bounds(), plain.bounds(), atol=1e-6)


@pytest.mark.slow
def test_a_picture_of_8192_pixels_is_made_of_smaller_copies() -> None:
    large = Image.new("RGBA", (8192, 8192))
    pen = ImageDraw.Draw(large)
    for ring, colour in enumerate(("#802020", "#a03020", "#c05030", "#e08040")):
        inset = 300 + 700 * ring
        pen.ellipse((inset, inset + 111, 8192 - inset, 8192 - inset), fill=colour)
    made_of = making.make(large, Settings(method="contour"), None)
    assert checks.closed_of(made_of.model).closed
    assert any("smaller copy of 1,024" in one for one in made_of.remarks)
    assert max(sprites.texture(made_of.model).shape[:2]) <= 1024
    assert max(made_of.normal_map.size) <= 2048
