"""Indexed PNG: the palette's order, the transparent place, and each pixel read back exactly."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.finishing import indexed
from studio.pixels.snapping import hard_alpha, snapped

PALETTE = ("#ff8000", "#000000", "#102030", "#ffffff")


def drawn() -> np.ndarray:
    """8 x 8 in the palette's colours, its black among them, a fifth of it transparent."""
    rng = np.random.default_rng(5)
    rgb = np.array([[*bytes.fromhex(one[1:])] for one in PALETTE], np.uint8)
    rgba = np.insert(rgb[rng.integers(0, 4, (8, 8))], 3, 255, axis=-1)
    rgba[rng.random((8, 8)) < 0.2] = 0
    return rgba


@pytest.mark.parametrize("transparent", [0, 2, 4])
def test_order_and_pixels_are_read_back_exactly(transparent):
    data = indexed.encoded(drawn(), PALETTE, transparent)
    found = indexed.read(data, "a.png")
    assert (found.rgba == drawn()).all() and found.transparent == transparent
    assert tuple(np.delete(found.table, transparent)) == PALETTE
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.mode == "P" and data[24] == 8  # bits of a pixel, in the header
        assert (np.asarray(opened.convert("RGBA"))[..., 3] == drawn()[..., 3]).all()


def test_an_opaque_picture_needs_no_transparent_place_and_takes_256_colours():
    many = tuple(f"#{n:02x}40{255 - n:02x}" for n in range(256))
    rgba = np.array([[(n, 0x40, 255 - n, 255) for n in range(256)]], np.uint8)
    found = indexed.read(indexed.encoded(rgba, many, None), "a.png")
    assert found.table == many and (found.places == np.arange(256)).all()
    assert found.transparent is None and (found.rgba == rgba).all()
    with pytest.raises(StudioError, match="would hold 257"):
        indexed.encoded(rgba, many)


def test_a_palette_that_a_picture_uses_little_of_is_written_whole():
    found = indexed.read(indexed.encoded(np.zeros((2, 3, 4), np.uint8), PALETTE), "a.png")
    assert found.table == ("#000000", *PALETTE) and (found.places == 0).all()


def test_what_it_cant_hold_is_refused_with_what_to_do():
    other, half = drawn(), drawn()
    other[0, 0], half[0, 0] = (9, 9, 9, 255), (0, 0, 0, 90)
    for rgba, place, says in (
        (other, 0, "1 of the picture's colours are not in the palette: #090909"),
        (half, 0, "1 pixels are half transparent"),
        (drawn(), None, "the table has no place for them"),
        (drawn(), 5, "transparent place is 5"),
    ):
        with pytest.raises(StudioError, match=says):
            indexed.encoded(rgba, PALETTE, place)


def test_any_picture_is_snapped_and_a_finished_one_stays():
    rng = np.random.default_rng(2)
    raw = rng.integers(0, 256, (16, 16, 4), np.uint8)
    found = indexed.read(indexed.snapped_and_encoded(Image.fromarray(raw), PALETTE), "a.png")
    assert (found.rgba == snapped(hard_alpha(raw), PALETTE)).all()
    again = indexed.snapped_and_encoded(Image.fromarray(found.rgba), PALETTE)
    assert (indexed.read(again, "a.png").rgba == found.rgba).all()


def test_what_is_no_indexed_png_is_refused():
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "PNG")
    with pytest.raises(StudioError, match="a.png is no indexed PNG"):
        indexed.read(file.getvalue(), "a.png")
