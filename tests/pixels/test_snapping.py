"""Colours snapped to a palette in OKLab, in three ways, and alpha cut."""

import numpy as np
import pytest

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.pixels.snapping import DITHERS, hard_alpha, snapped

GREYS = ("#000000", "#808080", "#ffffff")


@pytest.fixture
def noise():
    return np.random.default_rng(1).integers(0, 256, (24, 17, 4), np.uint8)


def test_each_opaque_pixel_takes_the_nearest_colour_by_oklab(noise):
    palette = ("#1a1c2c", "#b13e53", "#ffcd75", "#38b764", "#f4f4f4")
    rgb = np.array([tuple(bytes.fromhex(one[1:])) for one in palette], np.uint8)
    apart = np.linalg.norm(to_oklab(noise[..., :3])[:, :, None] - to_oklab(rgb), axis=-1)
    found = snapped(noise, palette)
    opaque = noise[..., 3] >= 128
    assert (found[opaque, :3] == rgb[apart.argmin(-1)][opaque]).all()
    assert (found[~opaque] == noise[~opaque]).all() and (found[..., 3] == noise[..., 3]).all()


@pytest.mark.parametrize("dither", DITHERS)
def test_snapping_once_more_changes_nothing(noise, dither):
    once = snapped(noise, GREYS, dither)
    opaque = noise[..., 3] >= 128
    assert {tuple(rgb) for rgb in once[opaque, :3].tolist()} <= {(0,) * 3, (128,) * 3, (255,) * 3}
    assert (snapped(once, GREYS, dither) == once).all()


@pytest.mark.parametrize("dither", ["bayer", "error"])
def test_a_dither_keeps_the_lightness_that_nearest_loses(dither):
    ramp = np.full((32, 32, 4), 255, np.uint8)
    ramp[..., :3] = np.linspace(70, 185, 32).astype(np.uint8)[None, :, None]
    wanted = to_oklab(ramp[..., :3])[..., 0].reshape(8, 4, 8, 4).mean((1, 3))

    def missed(way):
        light = to_oklab(snapped(ramp, GREYS, way)[..., :3])[..., 0]
        return np.abs(light.reshape(8, 4, 8, 4).mean((1, 3)) - wanted).mean()

    assert missed(dither) < missed("none") / 2


def test_errors_go_where_floyd_and_steinberg_send_them():
    row = np.full((3, 5, 4), 255, np.uint8)
    row[..., :3] = 150
    tone = to_oklab(np.array([[0] * 3, [255] * 3, [150] * 3], np.uint8))[:, 0]
    left = np.full((4, 7), tone[2], np.float64)
    white = np.zeros((3, 5), bool)
    for y in range(3):
        for x in range(5):
            white[y, x] = abs(left[y, x + 1] - tone[1]) < abs(left[y, x + 1] - tone[0])
            missed = left[y, x + 1] - tone[int(white[y, x])]
            for dx, dy, share in ((1, 0, 7), (-1, 1, 3), (0, 1, 5), (1, 1, 1)):
                left[y + dy, x + 1 + dx] += missed * share / 16
    assert white.any() and not white.all()
    assert (snapped(row, ("#000000", "#ffffff"), "error")[..., 0] == white * 255).all()


def test_alpha_is_cut_and_what_is_hidden_has_no_colour(noise):
    hard = hard_alpha(noise)
    drawn = noise[..., 3] >= 128
    assert (hard[drawn, 3] == 255).all() and (hard[~drawn] == 0).all()
    assert (hard[drawn, :3] == noise[drawn, :3]).all()


def test_a_palette_that_can_not_be_is_named(noise):
    for colours, said in (((), "no colour"), (("#12",), "'#12' is not a colour")):
        with pytest.raises(StudioError, match=said):
            snapped(noise, colours)
    with pytest.raises(StudioError, match="'floyd' is not a dither"):
        snapped(noise, GREYS, "floyd")
