"""Sprites of the bundled sample, enlarged and damaged, come back at their own size."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from studio.errors import StudioError
from studio.pixels import grid
from studio.pixels.grid import Grid
from studio.settings import CHECKOUT

Pixels = NDArray[np.uint8]
NEAREST, BILINEAR, BICUBIC = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
)
SPRITES = ("apple", "axe", "gem")


def _sprite(kind: str) -> Image.Image:
    file = sorted((CHECKOUT / "sample" / "held_out" / kind).glob("*.png"))[0]
    with Image.open(file) as opened:
        return opened.convert("RGBA")


def _on_white(picture: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)


def _enlarged(picture: Image.Image, factor: float, how: Image.Resampling) -> Image.Image:
    size = round(picture.width * factor), round(picture.height * factor)
    return picture.resize(size, how)


def _jpeg(picture: Image.Image) -> Image.Image:
    data = io.BytesIO()
    picture.convert("RGB").save(data, "JPEG", quality=80)
    return Image.open(data).convert("RGBA")


def _noisy(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture).astype(float)
    pixels[..., :3] += np.random.default_rng(1).normal(0, 6, pixels[..., :3].shape)
    return Image.fromarray(np.rint(pixels).clip(0, 255).astype(np.uint8), "RGBA")


def _near(found: Pixels, truth: Image.Image) -> float:
    """The share of pixels within 8 levels; 0 at another size."""
    expected = np.asarray(truth).astype(int)
    if found.shape != expected.shape:
        return 0.0
    return float((np.abs(found - expected).max(-1) <= 8).mean())


DAMAGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "x16 jpeg": lambda one: _jpeg(_enlarged(one, 16, NEAREST)),
    "x10.3 nearest": lambda one: _enlarged(one, 10.3, NEAREST),
    "x10.3 bilinear, noise": lambda one: _noisy(_enlarged(one, 10.3, BILINEAR)),
    "x12.7 bilinear, jpeg": lambda one: _jpeg(_enlarged(one, 12.7, BILINEAR)),
    "x5.5 bilinear, jpeg": lambda one: _jpeg(_enlarged(one, 5.5, BILINEAR)),
    "x7.6 bicubic": lambda one: _enlarged(one, 7.6, BICUBIC),
    "x8 blurred": lambda one: _enlarged(one, 8, NEAREST).filter(ImageFilter.GaussianBlur(1)),
    "x9 by x11.2": lambda one: one.resize((one.width * 9, round(one.height * 11.2)), NEAREST),
}
SOON = ("x5.5 bilinear, jpeg", "x8 blurred")  # the others take five seconds each


@pytest.mark.parametrize(
    "damage", [one if one in SOON else pytest.param(one, marks=pytest.mark.slow) for one in DAMAGES]
)
def test_a_damaged_sprite_comes_back_at_its_own_size(damage: str) -> None:
    for kind in SPRITES:
        sprite = _on_white(_sprite(kind))
        damaged = np.asarray(DAMAGES[damage](sprite))
        found = grid.find(damaged)
        assert found is not None, kind
        assert grid.size_of(damaged, found) == sprite.size
        assert _near(grid.native(damaged, found), sprite) >= 0.95, kind


@pytest.mark.parametrize("kind", SPRITES)
def test_a_clean_one_comes_back_exactly_with_its_alpha(kind: str) -> None:
    sprite = _sprite(kind)
    large = np.asarray(_enlarged(sprite, 8, NEAREST)).copy()
    large[large[..., 3] == 0] = (9, 200, 33, 0)  # what is hidden tells nothing
    found = grid.find(large)
    assert found == Grid(8, 8, 0, 0)
    expected = np.asarray(sprite).copy()
    expected[expected[..., 3] == 0] = 0
    assert (grid.native(large, found) == expected).all()


def test_soft_alpha_comes_back() -> None:
    sprite = _sprite("axe")
    large = np.asarray(_enlarged(sprite.convert("RGBa"), 10.3, BILINEAR).convert("RGBA"))
    found = grid.find(large)
    assert found is not None
    shown = grid.native(large, found)
    assert (
        _near(shown, Image.fromarray(np.asarray(sprite) * (np.asarray(sprite)[..., 3:] > 0))) > 0.95
    )


@pytest.mark.parametrize("how", [NEAREST, BILINEAR])
def test_a_part_that_was_cut_out_keeps_its_whole_cells(how: Image.Resampling) -> None:
    sprite = _on_white(_sprite("gem"))
    large = _enlarged(sprite, 9, how)
    part = np.asarray(large.crop((14, 5, large.width - 7, large.height - 20)))
    found = grid.find(part)
    assert found is not None
    assert (found.step_x, found.step_y) == pytest.approx((9, 9), rel=0.003)
    # Lines lie at 18 - 14 and 9 - 5; half of a cell more is seen to the right, 7 of 9 pixels below.
    expected = sprite.crop((2, 1, sprite.width - 1, sprite.height - 2))
    assert _near(grid.native(part, found), expected) >= 0.95


def _gradient() -> Pixels:
    y, x = np.mgrid[:300, :300] * (255 / 299)
    return np.stack([x, y, (x + y) / 2, np.full_like(x, 255)], -1).astype(np.uint8)


def _fractal() -> Pixels:
    far = np.hypot(*np.meshgrid(np.fft.fftfreq(300), np.fft.fftfreq(300)))
    far[0, 0] = 1
    noise = np.random.default_rng(2).normal(size=(3, 300, 300))
    layers = np.fft.ifft2(np.fft.fft2(noise) / far**1.6).real
    layers = (layers - layers.min()) / np.ptp(layers) * 255
    return np.concatenate([layers.transpose(1, 2, 0), np.full((300, 300, 1), 255)], -1).astype(
        np.uint8
    )


def _discs() -> Pixels:
    random = np.random.default_rng(4)
    y, x = np.mgrid[:300, :300]
    pixels = np.full((300, 300, 4), 230, np.uint8)
    for left, top, size in random.integers(0, 300, (30, 3)):
        pixels[np.hypot(x - left, y - top) < size / 6, :3] = random.integers(0, 255, 3)
    pixels[..., 3] = 255
    return pixels


PLAIN: dict[str, Callable[[], Pixels]] = {
    "gradient": _gradient,
    "gradient as jpeg": lambda: np.asarray(_jpeg(Image.fromarray(_gradient()))),
    "fractal noise": _fractal,
    "fractal noise as jpeg": lambda: np.asarray(_jpeg(Image.fromarray(_fractal()))),
    "discs": _discs,
    "one colour": lambda: np.full((200, 200, 4), 90, np.uint8),
    "nothing": lambda: np.zeros((64, 64, 4), np.uint8),
    "white noise": lambda: np.random.default_rng(5).integers(0, 255, (128, 128, 4), np.uint8),
    "native": lambda: np.asarray(_sprite("axe")),
    "1 x 1": lambda: np.full((1, 1, 4), 255, np.uint8),
    "1 x 900": lambda: np.full((900, 1, 4), 255, np.uint8),
}


@pytest.mark.parametrize("picture", PLAIN)
def test_no_grid_is_found_where_there_is_none(picture: str) -> None:
    assert grid.find(PLAIN[picture]()) is None


def test_no_grid_is_found_in_the_hard_edges_of_a_large_picture() -> None:
    large = Image.new("RGBA", (2048, 2048))
    pen = ImageDraw.Draw(large)
    for inset, colour in ((75, "#802020"), (250, "#a03020"), (425, "#c05030")):
        pen.ellipse((inset, inset, 2048 - inset, 2048 - inset), fill=colour)
    assert grid.find(np.array(large)) is None


@pytest.mark.parametrize("step", [pytest.param(2, marks=pytest.mark.slow), 64])
def test_a_picture_larger_than_is_looked_at_at_once(step: int) -> None:
    cells = np.random.default_rng(step).integers(0, 4, (1536 // step, 1536 // step)) * 80
    large = np.dstack([cells] * 3 + [np.full_like(cells, 255)]).astype(np.uint8)
    large = large.repeat(step, 0).repeat(step, 1)
    found = grid.find(large)
    assert found is not None
    assert (found.step_x, found.step_y) == pytest.approx((step, step), rel=1e-4)
    assert (grid.native(large, found)[..., 0] == cells).all()


def test_a_grid_that_was_set_is_taken_as_it_is() -> None:
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[:, 13:] = (200, 10, 10, 255)
    native = grid.native(pixels, Grid(10, 5, 3, 0))
    assert grid.size_of(pixels, Grid(10, 5, 3, 0)) == (3, 4)
    assert native[:, :, 3].tolist() == [[0, 255, 255]] * 4
    assert (native[:, 1:, 0] == 200).all() and not native[:, 0].any()


@pytest.mark.parametrize("set_", [Grid(0.5, 5, 0, 0), Grid(5, float("nan"), 0, 0)])
def test_a_grid_that_can_not_be_is_named(set_: Grid) -> None:
    with pytest.raises(StudioError, match="can't have a step of"):
        grid.native(np.zeros((20, 20, 4), np.uint8), set_)
