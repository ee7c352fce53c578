"""Flipbooks: premultiplied, on black, and back."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import effects
from studio.sheets.sheet import of_pictures


def smoke():
    random = np.random.default_rng(5)
    pixels = random.integers(0, 256, (12, 12, 4), np.uint8)
    pixels[0] = 0
    pixels[1, :, 3] = 255
    return pixels


def test_premultiplied_is_colour_times_alpha():
    rgba = smoke()
    made = effects.premultiplied(rgba)
    assert (made[..., 3] == rgba[..., 3]).all() and (made[1] == rgba[1]).all()
    wanted = np.rint(rgba[..., :3].astype(float) * rgba[..., 3:] / 255)
    assert (made[..., :3] == wanted).all()
    strong = rgba[..., 3] > 128
    back = effects.from_premultiplied(made)
    assert np.abs(back[strong].astype(int) - rgba[strong]).max() <= 1


def test_on_black_is_what_is_seen_there_and_comes_back_as_it_looked():
    rgba = smoke()
    black = Image.new("RGBA", (12, 12), "black")
    seen = np.asarray(Image.alpha_composite(black, Image.fromarray(rgba)))
    made = effects.on_black(rgba)
    assert (made[..., 3] == 255).all()
    assert np.abs(made[..., :3].astype(int) - seen[..., :3]).max() <= 1
    straight = effects.from_black(made)
    again = effects.on_black(straight)
    assert np.abs(again.astype(int) - made).max() <= 1 and straight[..., 3].min() == 0


@pytest.mark.parametrize("way", effects.WAYS)
def test_all_frames_of_a_flipbook_are_so(way):
    made = of_pictures("smoke", [Image.fromarray(smoke())] * 2)
    book = effects.flipbook(made, way)
    assert len(book.frames) == 2 and book.frames[0].duration_ms == 100
    opaque = book.frames[0].image.getchannel("A").getextrema() == (255, 255)
    assert opaque == (way == "black")


def test_another_way_is_named():
    with pytest.raises(StudioError, match="'added' is no way of blending"):
        effects.flipbook(of_pictures("a", [Image.fromarray(smoke())]), "added")
