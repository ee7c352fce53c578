"""Presets: at most so many colours, whole factors, alpha as it was."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.export import presets
from tests.export.drawn import sprite


def colours(picture):
    pixels = np.asarray(picture)
    return len(np.unique(pixels[pixels[..., 3] > 0, :3], axis=0))


@pytest.mark.parametrize(("preset", "most"), [("16", 16), ("64", 64)])
def test_a_picture_gets_at_most_so_many_colours_and_keeps_its_alpha(preset, most):
    before = sprite(24)
    after = presets.reduced(before, preset)
    assert colours(before) > most >= colours(after) > 1
    assert after.getchannel("A").tobytes() == before.getchannel("A").tobytes()


def test_what_has_few_colours_is_as_it_was():
    flat = Image.new("RGBA", (4, 4), (10, 20, 30, 255))
    empty = Image.new("RGBA", (4, 4))
    for picture in (flat, empty):
        assert presets.reduced(picture, "16") is picture
    many = sprite(24)
    assert presets.reduced(many, "native") is many


def test_a_factor_makes_each_pixel_a_square():
    before = sprite()
    after = presets.enlarged(before, 3)
    assert np.array_equal(np.asarray(after), np.asarray(before).repeat(3, 0).repeat(3, 1))
    assert presets.enlarged(before, 1) is before


@pytest.mark.parametrize("factor", [0, 9, -1])
def test_another_factor_is_named(factor):
    with pytest.raises(StudioError, match=f"factor is {factor}"):
        presets.enlarged(sprite(), factor)


def test_what_no_texture_holds_is_refused():
    with pytest.raises(StudioError, match="24,000 x 8"):
        presets.enlarged(Image.new("RGBA", (3000, 1)), 8)
    with pytest.raises(StudioError, match="no preset '17'"):
        presets.reduced(sprite(), "17")
