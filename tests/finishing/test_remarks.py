"""What a person is told of a finished picture."""

import numpy as np
from PIL import Image

from studio.finishing.finish import finished
from studio.finishing.recipe import Recipe
from studio.finishing.remarks import remarks
from tests.finishing.blobs import blob


def _told(picture, recipe):
    return remarks(picture, finished(picture, recipe), recipe)


def test_a_photograph_is_not_taken_for_pixel_art():
    random = np.random.default_rng(0).integers(0, 256, (300, 320, 4), np.uint8)
    random[..., 3] = 255
    photo = Image.fromarray(random, "RGBA")
    (said,) = _told(photo, Recipe(colours=("#000000", "#ffffff")))
    assert said.startswith("It looks like a photograph or a painting, at 320 x 300")


def test_what_did_not_come_about_is_told():
    assert _told(blob(0), Recipe(hard_alpha=True, colours=("#000000", "#ffffff"))) == []
    (said,) = _told(blob(0), Recipe(canvas=(8, 8)))
    assert said.endswith("too large for the canvas: it keeps its own.")
    (said,) = _told(blob(0), Recipe(hard_alpha=True, colours=("#c82832",)))
    assert said == "The palette has one colour: a silhouette is left."
    opaque = Image.fromarray(np.asarray(blob(0))[12:20, 12:20].copy())
    (said,) = _told(opaque, Recipe(background=True))
    assert said == "It has no plain background: nothing was taken away."
