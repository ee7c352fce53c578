"""Textures looked up: nearest and linear, the three ways beyond an edge, hidden colours, files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.props import limits, texel_density, texels
from studio.props.model import Texture
from tests.props.drawn_models import box, material, model, panel, sprite, texture


def at(texture, *places, **more):
    return texels.sampled(texels.read(texture), np.array(places, np.float64), **more)


FOUR = np.zeros((2, 2, 4), np.uint8)
FOUR[..., 3] = 255
FOUR[..., 0] = [[0, 100], [200, 40]]


def test_nearest_gives_whole_pixels():
    found = at(texture(FOUR), (0.1, 0.1), (0.49, 0.1), (0.51, 0.1), (0.1, 0.9), (0.99, 0.99))
    assert found[:, 0].tolist() == [0, 0, 100, 200, 40]


@pytest.mark.parametrize(
    ("wrap", "wanted"),
    [("clamp", [0, 100, 0]), ("repeat", [100, 0, 0]), ("mirror", [0, 100, 100])],
)
def test_beyond_an_edge_a_texture_goes_on_as_it_says(wrap, wanted):
    found = at(texture(FOUR, wrap=wrap), (-0.1, 0.1), (1.1, 0.1), (-0.6, 0.1))
    assert found[:, 0].tolist() == wanted


def test_linear_mixes_neighbours():
    soft = texture(FOUR, nearest=False)
    found = at(soft, (0.25, 0.25), (0.5, 0.25), (0.5, 0.5), (0.0, 0.25))
    assert found[:, 0] == pytest.approx([0, 50, 85, 0])
    over = at(texture(FOUR, nearest=False, wrap="repeat"), (0.0, 0.25))
    assert over[0, 0] == pytest.approx(50)


def test_hidden_colours_show_nowhere():
    pixels = np.zeros((1, 2, 4), np.uint8)
    pixels[0, 0] = (200, 10, 10, 255)
    soft = texture(pixels, nearest=False)
    found = at(soft, (0.5, 0.5), (0.75, 0.5))
    assert found[0] == pytest.approx([200, 10, 10, 127.5])
    assert found[1].tolist() == [0, 0, 0, 0]
    assert at(soft, (0.5, 0.5), opaque=True)[0, :3] == pytest.approx([100, 5, 5])


def test_places_that_are_no_numbers_are_looked_up_somewhere():
    found = at(texture(FOUR, wrap="repeat"), (np.nan, 0.1), (np.inf, 1e300), (-1e300, 0.1))
    assert found.shape == (3, 4)


def test_soft_textures_are_made_small_and_sharp_ones_are_not():
    rgba = sprite(200, 60)
    assert texels.read(texture(rgba), 64).pixels.shape == (60, 200, 4)
    assert texels.read(texture(rgba, nearest=False), 64).pixels.shape == (15, 50, 4)
    assert texels.read(texture(rgba, nearest=False), 200).pixels.shape == (60, 200, 4)


def file(picture: Image.Image, format: str) -> Texture:
    written = io.BytesIO()
    picture.save(written, format=format)
    return Texture(data=written.getvalue(), nearest=False, wrap_s="clamp", wrap_t="clamp")


def test_every_kind_of_png_and_jpeg_is_read():
    grey = np.full((8, 8), 200 * 257, np.uint16)
    kinds = {
        "L": Image.new("L", (8, 8), 200),
        "P": Image.new("L", (8, 8), 200).convert("P"),
        "LA": Image.new("LA", (8, 8), (200, 255)),
        "RGB": Image.new("RGB", (8, 8), (200, 200, 200)),
        "16": Image.fromarray(grey),
    }
    for name, picture in kinds.items():
        found = texels.read(file(picture, "PNG")).pixels
        assert (found == (200, 200, 200, 255)).all(), name
    large = file(Image.new("RGB", (512, 512), (200, 200, 200)), "JPEG")
    small = texels.read(large, 64).pixels
    assert max(small.shape[:2]) <= 64 and np.abs(small[..., :3].astype(int) - 200).max() <= 2


def test_what_is_no_texture_is_named(monkeypatch):
    whole = texture(sprite()).data
    for data, why in (
        (b"", "no PNG or JPEG"),
        (b"GIF89a", "no PNG or JPEG"),
        (whole[:80], "damaged|no PNG"),
    ):
        with pytest.raises(StudioError, match=why):
            texels.read(Texture(data=data, nearest=True, wrap_s="clamp", wrap_t="clamp"))
    monkeypatch.setattr(limits, "MOST_SIDE", 8)
    with pytest.raises(StudioError, match="12 x 16 pixels"):
        texels.read(texture(sprite(12, 16)))


def test_the_density_of_sharp_textures_is_known():
    sharp = material(texture(sprite(12, 16)))
    assert texel_density.of(box(sharp, material(), wide=0.6, tall=0.8)) == pytest.approx(20)
    soft = material(texture(sprite(12, 16), nearest=False))
    assert texel_density.of(box(soft)) == 0.0
    # Most of the surface decides.
    small = panel(material(texture(sprite(64, 64))), wide=0.1, tall=0.1)
    assert texel_density.of(model(panel(sharp, wide=0.6, tall=0.8), small)) == pytest.approx(20)
