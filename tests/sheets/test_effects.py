"""Flipbooks: premultiplied, on black, and back."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import effects, packing
from studio.sheets.packing import Packing
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


@pytest.mark.parametrize("way", effects.WAYS)
def test_what_came_in_a_way_of_blending_looks_as_it_did(way):
    made = of_pictures("smoke", [Image.fromarray(smoke())])
    came = effects.flipbook(made, way).frames[0].image
    straight = of_pictures("smoke", [effects.straight(came, way)])
    back = effects.flipbook(straight, way).frames[0].image
    assert np.abs(np.asarray(back).astype(int) - np.asarray(came)).max() <= 1
    with pytest.raises(StudioError, match="'added' is no way of blending"):
        effects.straight(came, "added")


def drawn(inner, count, side=8):
    """Frames with an opaque box in their middle, so many pixels from the edge."""
    out = []
    for number in range(count):
        pixels = np.zeros((side, side, 4), np.uint8)
        pixels[inner : side - inner, inner : side - inner] = (9 * number, 200, 40, 255)
        out.append(Image.fromarray(pixels, "RGBA"))
    return of_pictures("fire", out)


def test_a_flipbook_is_divided_by_columns_and_rows():
    placed = packing.pack(drawn(1, 7), effects.FLIPBOOK)
    assert effects.book_of(placed) == effects.Book(3, 3, 8, 8)
    assert placed.image.size == (24, 24)
    same = of_pictures("still", [frame.image for frame in drawn(1, 1).frames] * 4)
    assert effects.book_of(packing.pack(same, effects.FLIPBOOK)) == effects.Book(2, 2, 8, 8)
    assert effects.book_of(packing.pack(drawn(1, 7), Packing())) is None
    assert effects.book_of(packing.pack(same, Packing(way="grid", padding=1, merge=False))) is None


def test_frames_that_reach_their_edge_are_told():
    assert effects.touching(packing.pack(drawn(1, 3), effects.FLIPBOOK), "straight") == ()
    assert effects.touching(packing.pack(drawn(0, 3), effects.FLIPBOOK), "straight") == (0, 1, 2)
    black = effects.flipbook(drawn(1, 3), "black")
    assert effects.touching(packing.pack(black, effects.FLIPBOOK), "black") == ()
    trimmed = packing.pack(drawn(1, 3), Packing(padding=0, extrude=0))
    assert effects.touching(trimmed, "straight") == (0, 1, 2)


def test_what_only_adds_light_is_known_of_premultiplied_pictures():
    assert not effects.adds_light(Image.fromarray(effects.premultiplied(smoke())))
    assert effects.adds_light(Image.new("RGBA", (2, 2), (200, 0, 0, 100)))
