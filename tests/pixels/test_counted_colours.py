"""The colours that pictures are drawn in."""

import numpy as np
import pytest

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.pixels import palette_of
from tests.pixels.drawn import drawn


def test_few_colours_are_counted_exactly_and_ordered():
    rgba = drawn(["KRDW", "GGBB", ".KRD"])
    assert " ".join(palette_of([rgba])) == "#140c1c #fafafa #781428 #c82832 #3ca046 #325ac8"


def test_more_colours_than_asked_for_become_those_that_serve_best():
    random = np.random.default_rng(0)
    rgba = np.full((64, 64, 4), 255, np.uint8)
    centres = np.array([(200, 40, 40), (40, 160, 60), (40, 60, 190)])
    rgba[..., :3] = centres[random.integers(0, 3, (64, 64))] + random.integers(-9, 10, (64, 64, 3))
    found = palette_of([rgba], 3)
    rgb = np.array([tuple(bytes.fromhex(one[1:])) for one in found], np.uint8)
    apart = np.linalg.norm(
        to_oklab(rgb)[:, None] - to_oklab(centres.astype(np.uint8))[None], axis=-1
    )
    assert len(found) == 3 and (apart.min(0) < 0.03).all()
    assert {tuple(one) for one in rgb.tolist()} <= {
        tuple(one) for one in rgba[..., :3].reshape(-1, 3).tolist()
    }


def test_a_large_picture_counts_no_more_than_a_small_one():
    large = np.tile(drawn(["RG"]), (40, 40, 1))
    assert palette_of([large, drawn(["BB"]), drawn(["BB"])], 1) == ("#325ac8",)


def test_pictures_without_an_opaque_pixel_are_named():
    for pictures in ([], [np.zeros((2, 2, 4), np.uint8)]):
        with pytest.raises(StudioError, match="No picture has an opaque pixel"):
            palette_of(pictures)
