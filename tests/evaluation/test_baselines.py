"""Silhouettes have one colour, recoloured pictures the style's statistics."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio.colours import to_oklab
from studio.evaluation import baselines


def _noise(low: int, high: int, seed: int, clear: int = 8) -> Image.Image:
    """A square of noise between `low` and `high`, transparent for `clear` pixels all around."""
    pixels = np.zeros((32, 32, 4), np.uint8)
    rng = np.random.default_rng(seed)
    inside = slice(clear, 32 - clear)
    size = 32 - 2 * clear
    pixels[inside, inside, :3] = rng.integers(low, high, (size, size, 3))
    pixels[inside, inside, 3] = 255
    return Image.fromarray(pixels, "RGBA")


PICTURES = [_noise(0, 120, seed) for seed in range(4)]
STYLE = [_noise(100, 240, seed) for seed in range(10, 14)]


def _icon() -> Image.Image:
    picture = Image.new("RGB", (32, 32), "black")
    picture.paste((240, 240, 240), (10, 10, 22, 22))
    return picture


def test_silhouettes_have_one_colour_and_the_picture_s_shape() -> None:
    (made,) = baselines.silhouettes(PICTURES[:1], (200, 10, 20), None)
    pixels = np.asarray(made)
    shown = np.asarray(PICTURES[0])[..., 3] > 0
    assert (pixels[shown] == (200, 10, 20, 255)).all()
    assert (pixels[~shown, 3] == 0).all()


def test_silhouettes_lie_on_the_style_s_ground() -> None:
    icons = [_icon()]
    ground = baselines.ground_of(icons)
    assert ground == (0, 0, 0)
    assert baselines.figure_of(icons, ground) == (240, 240, 240)
    (made,) = baselines.silhouettes(PICTURES[:1], (240, 240, 240), ground)
    assert set(np.unique(np.asarray(made)[..., 0])) == {0, 240}
    assert baselines.ground_of(STYLE) is None


@pytest.mark.parametrize("whole_histogram", [False, True])
def test_recoloured_pictures_have_the_style_s_mean_and_keep_their_shape(
    whole_histogram: bool,
) -> None:
    made = baselines.recoloured(PICTURES, STYLE, whole_histogram=whole_histogram)
    for before, after in zip(PICTURES, made, strict=True):
        assert (np.asarray(after)[..., 3] == np.asarray(before)[..., 3]).all()

    def statistics(pictures: list[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
        pixels = np.concatenate([np.asarray(p).reshape(-1, 4) for p in pictures])
        lab = to_oklab(np.ascontiguousarray(pixels[pixels[:, 3] > 0][:, :3]))
        return lab.mean(axis=0), lab.std(axis=0)

    for had, wanted in zip(statistics(made), statistics(STYLE), strict=True):
        np.testing.assert_allclose(had, wanted, atol=0.02)


def test_pictures_are_recoloured_together_with_the_style_s_ground() -> None:
    made = baselines.recoloured(PICTURES, [_icon()], whole_histogram=True)
    pixels = np.stack([np.asarray(picture) for picture in made])
    assert (pixels[..., 3] == 255).all() and (pixels[:, 0, 0, :3] < 8).all()
    white = (pixels[..., 0] > 200).mean()
    assert white == pytest.approx(144 / 1024, abs=0.02)
