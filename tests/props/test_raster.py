"""Models drawn: what is nearest, sprites to the pixel, cut and blended alpha, light, bounds."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import cameras, raster, shading, spans, surfaces
from studio.props.shading import Light
from tests.props.drawn_models import (
    BLUE,
    GREEN,
    RED,
    arrow,
    ball,
    box,
    material,
    model,
    panel,
    part,
    sprite,
    texture,
)

SIZE = (40, 32)


def drawn(shown, camera=None, size=SIZE, **more):
    camera = camera or cameras.front(shown, size)
    return np.asarray(raster.draw(shown, camera, size, **more))


def card(rgba, alpha="mask", deep=0.1, **more):
    """A sprite on the front and the back of a box, as large as it in the same pixels."""
    tall, wide = (side / 32 for side in rgba.shape[:2])
    return box(
        material(texture(rgba), alpha=alpha, **more),
        material(rgb=RED),
        wide=wide,
        tall=tall,
        deep=deep,
    )


@pytest.mark.parametrize("size", [(12, 16), (13, 7), (1, 1), (64, 48)])
@pytest.mark.parametrize("light", [None, shading.SOFT])
def test_the_front_is_the_sprite_to_the_pixel(size, light):
    rgba = sprite(*size)
    shown = card(rgba)
    front = model(*shown.parts[:1])
    assert np.array_equal(drawn(front, size=size, light=light), rgba)
    # Whole, its sides are edge on, and where the front is cut away nothing is behind it: the back
    # has no inner side.
    whole = drawn(shown, cameras.front(shown, size), size, light=light)
    assert np.array_equal(whole, rgba)


def test_the_front_is_the_sprite_where_it_stands_on_a_larger_picture():
    rgba = sprite(12, 16)
    shown = card(rgba)
    found = drawn(shown, cameras.front(shown, (30, 40), (5, 9, 17, 25)), (30, 40))
    assert np.array_equal(found[9:25, 5:17], rgba)
    assert np.count_nonzero(found[..., 3]) == np.count_nonzero(rgba[..., 3])


@pytest.mark.parametrize("factor", [2, 3, 7])
def test_enlarged_its_pixels_stay_squares(factor):
    rgba = sprite(12, 16)
    found = drawn(card(rgba), size=(12 * factor, 16 * factor))
    assert np.array_equal(found, rgba.repeat(factor, 0).repeat(factor, 1))


def test_a_sprite_is_seen_mirrored_from_behind_and_on_no_side():
    shown = card(arrow(), deep=0.0)
    size = (9, 9)
    camera = replace(
        cameras.around(shown, 180, 0, tall=9 / 32), offset=cameras.front(shown, size).offset
    )
    assert np.array_equal(drawn(shown, camera, size), arrow()[:, ::-1])
    assert not drawn(shown, cameras.around(shown, 90, 0, tall=1.0), size).any()


def test_half_transparent_pixels_keep_their_colour_and_alpha():
    rgba = sprite(12, 16)
    rgba[..., 3] = np.where(rgba[..., 3] > 0, rgba[..., 0] // 2 + 60, 0)
    assert np.array_equal(drawn(card(rgba, alpha="blend"), size=(12, 16)), rgba)
    cut = drawn(card(rgba, alpha="mask", cutoff=100 / 255), size=(12, 16))
    assert np.array_equal(cut[..., 3] == 255, rgba[..., 3] >= 100)
    assert np.array_equal(cut[cut[..., 3] > 0, :3], rgba[rgba[..., 3] >= 100, :3])
    solid = drawn(card(rgba, alpha="opaque"), size=(12, 16))
    assert (solid[..., 3] == 255).all() and np.array_equal(solid[..., :3], rgba[..., :3])


def test_the_nearest_is_seen_in_whichever_order():
    panels = [panel(material(rgb=rgb), z=z) for rgb, z in ((RED, 0.0), (GREEN, 0.2), (BLUE, -0.2))]
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        found = drawn(model(*(panels[one] for one in order)))
        assert set(map(tuple, found[found[..., 3] > 0])) == {(*GREEN, 255)}


def test_of_what_is_equally_far_the_first_is_seen():
    panels = [panel(material(rgb=rgb)) for rgb in (RED, GREEN, RED)]
    assert set(map(tuple, drawn(model(*panels))[..., :3].reshape(-1, 3))) >= {RED}
    assert GREEN not in set(map(tuple, drawn(model(*panels))[..., :3].reshape(-1, 3)))


def test_panels_that_cross_are_seen_on_either_side():
    flat = panel(material(rgb=RED))
    slanting = part(
        [[-0.5, 0, -0.5], [0.5, 0, 0.5], [0.5, 1, 0.5], [-0.5, 1, -0.5]],
        [[0, 1, 2], [0, 2, 3]],
        material(rgb=BLUE),
    )
    found = drawn(model(flat, slanting), size=(32, 32))
    assert (found[:, :16, :3] == RED).all() and (found[:, 16:, :3] == BLUE).all()


def test_glass_is_laid_over_what_is_behind_from_back_to_front():
    glass = [panel(material(rgb=rgb, alpha="blend"), z=z) for rgb, z in ((RED, 0.3), (GREEN, 0.2))]
    half = [
        replace(one, material=replace(one.material, factor=(*one.material.factor[:3], 0.5)))
        for one in glass
    ]
    wall = panel(material(rgb=BLUE))
    for parts in ((*half, wall), (wall, half[1], half[0])):
        found = drawn(model(*parts), size=(16, 16))[8, 8]
        light = shading.linear(np.array([RED, GREEN, BLUE], np.float64))
        wanted = shading.srgb(0.5 * light[0] + 0.25 * light[1] + 0.25 * light[2])
        assert np.abs(found[:3].astype(int) - wanted).max() <= 1 and found[3] == 255
    alone = drawn(model(*half), size=(16, 16))[8, 8]
    assert alone[3] == round(0.75 * 255)
    behind = replace(half[0], positions=half[0].positions - np.float32([0, 0, 1]))
    assert (drawn(model(wall, behind), size=(16, 16))[..., :3] == BLUE).all()


def test_surfaces_that_lie_in_one_another_are_blended_each_once():
    twice = panel(material(alpha="blend"))
    half = replace(twice, material=replace(twice.material, factor=(1.0, 1.0, 1.0, 0.5)))
    found = drawn(model(half, half, half), size=(8, 8))
    assert (found[..., 3] == round(0.875 * 255)).all()


def test_a_back_is_seen_of_two_sided_materials_alone():
    one, both = panel(material(rgb=RED)), panel(material(rgb=RED, double_sided=True))
    for shown, there in ((one, False), (both, True)):
        behind = cameras.around(model(shown), 180, 0, tall=1.2)
        assert drawn(model(shown), behind).any() == there


def test_light_leaves_what_faces_the_viewer_and_darkens_the_rest():
    shown = box(material(rgb=GREEN), deep=1.0)
    corner = cameras.fitted(shown, 45, 30, (60, 60), field=None)
    plain, lit = (drawn(shown, corner, (60, 60), light=light) for light in (None, shading.SOFT))
    assert set(map(tuple, plain[plain[..., 3] > 0, :3])) == {GREEN}
    shades = np.unique(lit[lit[..., 3] > 0, :3], axis=0)
    assert len(shades) == 3  # a box shows three sides
    left, right, top = lit[40, 15, 1], lit[40, 45, 1], lit[10, 30, 1]
    assert top > left > right
    assert np.array_equal(plain[..., 3], lit[..., 3])
    unlit = box(material(rgb=GREEN, unlit=True), deep=1.0)
    assert np.array_equal(drawn(unlit, corner, (60, 60), light=shading.SOFT), plain)
    with pytest.raises(StudioError, match="from nowhere"):
        drawn(shown, corner, (60, 60), light=Light(0, 0, 0))


def test_what_glows_does_so_in_the_dark():
    shown = box(material(rgb=(0, 0, 0), emissive_factor=(1.0, 0.0, 0.0)), deep=1.0)
    found = drawn(shown, cameras.around(shown, 90, 0, tall=1.5), light=shading.SOFT)
    assert set(map(tuple, found[found[..., 3] > 0, :3])) == {(255, 0, 0)}


def test_normals_are_the_vertices_and_bent_by_a_normal_map():
    shown = model(panel(material()))
    flat = raster.drawn(shown, cameras.front(shown, (8, 8)), (8, 8))
    assert flat.normals == pytest.approx(np.broadcast_to([0, 0, 1], (8, 8, 3)))
    bumps = np.full((4, 4, 4), 255, np.uint8)
    bumps[..., :3] = (218, 218, 218)  # to the right, up and outwards alike
    bent = model(panel(material(normal=texture(bumps))))
    found = raster.drawn(bent, cameras.front(bent, (8, 8)), (8, 8)).normals
    assert found == pytest.approx(np.full((8, 8, 3), 3**-0.5), abs=0.01)
    # On the mirrored back the same texture's right is the viewer's left.
    whole = box(material(normal=texture(bumps)))
    back = raster.drawn(whole, cameras.around(whole, 180, 0), (8, 8)).normals[4, 4]
    assert back == pytest.approx(np.array([-1, 1, 1]) * 3**-0.5, abs=0.01)
    two = model(panel(material(normal=texture(bumps), double_sided=True)))
    inner = raster.drawn(two, cameras.around(two, 180, 0), (8, 8)).normals[4, 4]
    assert inner == pytest.approx(np.array([1, -1, 1]) * 3**-0.5, abs=0.01)
    rounded = ball(16, material())
    middle = raster.drawn(rounded, cameras.front(rounded, (32, 32)), (32, 32))
    assert middle.normals[16, 16] == pytest.approx([0, 0, 1], abs=0.1)
    assert middle.normals[16, 2, 0] < -0.7 and middle.normals[2, 16, 1] > 0.7


def test_in_perspective_textures_are_not_bent():
    """A floor of two colours, seen flat: the border between them lies where a straight line of the
    floor does, not in the middle of the picture."""
    stripes = np.zeros((2, 2, 4), np.uint8)
    stripes[0], stripes[1] = (*RED, 255), (*BLUE, 255)
    floor = part(
        [[-1, 0, 1], [1, 0, 1], [1, 0, -1], [-1, 0, -1]],
        [[0, 1, 2], [0, 2, 3]],
        material(texture(stripes)),
        uv=[[0, 1], [1, 1], [1, 0], [0, 0]],
    )
    size = (64, 64)
    camera = cameras.fitted(model(floor), 0, 20, size, margin=0, field=60)
    found = drawn(model(floor), camera, size)
    line = float(cameras.seen(camera, np.zeros(3), size).y)
    for column in (20, 32, 44):
        reds = np.flatnonzero((found[:, column, :3] == RED).all(-1))
        blues = np.flatnonzero((found[:, column, :3] == BLUE).all(-1))
        assert reds.max() + 1 == blues.min() == round(line)
    rows = np.flatnonzero(found[:, 32, 3])
    assert line < rows.mean() - 1.5


def test_means_of_finer_pixels_smooth_the_edges():
    shown = ball(24, material(rgb=RED))
    camera = cameras.fitted(shown, 0, 0, (32, 32))
    sharp, smooth = (drawn(shown, camera, (32, 32), fine=fine) for fine in (1, 4))
    assert set(np.unique(sharp[..., 3])) == {0, 255}
    assert len(np.unique(smooth[..., 3])) > 8
    assert set(map(tuple, smooth[smooth[..., 3] > 0, :3])) == {RED}
    assert abs(int(smooth[..., 3].sum()) - int(sharp[..., 3].sum())) < 0.03 * sharp[..., 3].sum()


def test_on_a_ground_nothing_is_transparent():
    shown = ball(8, material(rgb=RED))
    camera = cameras.fitted(shown, 0, 0, (32, 32))
    found = drawn(shown, camera, (32, 32), background=BLUE)
    assert (found[..., 3] == 255).all()
    assert tuple(found[0, 0, :3]) == BLUE and tuple(found[16, 16, :3]) == RED


def test_equal_input_gives_equal_pixels_however_it_is_cut_up(monkeypatch):
    shown = card(sprite(24, 32), deep=0.3)
    camera = cameras.fitted(shown, 30, 15, (96, 96))
    whole = drawn(shown, camera, (96, 96), light=shading.SOFT, fine=2)
    monkeypatch.setattr(raster, "TRIANGLES", 3)
    monkeypatch.setattr(raster, "PIXELS", 100)
    monkeypatch.setattr(spans, "ROWS", 20)
    monkeypatch.setattr(spans, "PIXELS", 90)
    again = drawn(shown, camera, (96, 96), light=shading.SOFT, fine=2)
    assert hashlib.sha256(again.tobytes()).digest() == hashlib.sha256(whole.tobytes()).digest()


def test_a_closed_surface_has_no_holes():
    """Whatever the side, within its outline each pixel is covered."""
    shown = ball(40, material())
    for azimuth in (0, 17, 90, 211):
        found = drawn(shown, cameras.fitted(shown, azimuth, 23, (90, 90)), (90, 90))[..., 3] > 0
        for row in found:
            there = np.flatnonzero(row)
            assert not len(there) or len(there) == there[-1] - there[0] + 1


@pytest.mark.parametrize(
    "places",
    [
        [[0, 0, 0], [1, 0, 0], [2, 0, 0]],  # without area
        [[0, 0, 0], [0, 0, 0], [0, 1, 0]],
        [[0, 0, 0], [1e30, 0, 0], [0, 1e30, 0]],  # far off the picture
    ],
)
def test_triangles_that_show_nothing_are_passed_over(places):
    odd = part(places, [[0, 1, 2]], material(rgb=RED))
    shown = model(panel(material(rgb=GREEN)), odd)
    camera = cameras.front(model(panel(material())), (16, 16))
    assert set(map(tuple, drawn(shown, camera, (16, 16))[..., :3].reshape(-1, 3))) == {GREEN}


def test_what_can_t_be_drawn_is_named(monkeypatch):
    shown = model(panel(material()), panel(material(), z=-0.1))
    camera = cameras.front(shown, SIZE)
    for size in ((0, 5), (5, 2049)):
        with pytest.raises(StudioError, match="pixels is asked for"):
            raster.draw(shown, camera, size)
    monkeypatch.setattr(raster, "MOST_LOOKED", 2_000)
    with pytest.raises(StudioError, match="over one another without end"):
        raster.draw(shown, camera, (64, 64))


def test_edge_on_and_behind_faces_are_left_out():
    shown = box(material())
    kept = [
        len(surfaces.faces(one, np.arange(2), cameras.front(shown, SIZE), SIZE).number)
        for one in shown.parts
    ]
    assert kept == [2, 0, 0, 0, 0, 0]
