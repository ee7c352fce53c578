"""Colours as eyes tell them apart, and the leading ones of a picture."""

import numpy as np
import pytest
from PIL import Image

from studio import images

RED, GREEN = (255, 0, 0, 255), (0, 255, 0, 255)


def noise(width: int, height: int, mode: str = "RGBA", seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), np.uint8)
    return Image.fromarray(pixels, mode)


def test_lab_of_known_colours() -> None:
    known = images.lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]]))
    wanted = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86]]
    assert np.allclose(known, wanted, atol=0.02)


def test_palette_weighs_opaque_colours() -> None:
    picture = Image.new("RGBA", (10, 10), (0, 0, 255, 0))
    picture.paste(RED, (0, 0, 10, 3))
    picture.paste(GREEN, (0, 3, 10, 4))
    colours, weights = images.palette(picture)
    assert np.allclose(weights, [0.75, 0.25])
    assert np.allclose(colours, images.lab(np.array([RED[:3], GREEN[:3]])))
    many, shares = images.palette(noise(40, 40), colours=5)
    assert many.shape == (5, 3) and shares.sum() == pytest.approx(1)
    assert (images.palette(noise(40, 40), colours=5)[0] == many).all()
    assert len(images.palette(Image.new("RGBA", (3, 3)))[0]) == 0
