"""Lanczos by strips gives the bytes of Pillow's resize of the whole, whatever the sizes."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image

from studio.upscaling import methods
from studio.upscaling.methods import InMemory, lanczos, resampling
from studio.upscaling.sizes import Target
from tests.upscaling.strips import noise, painted, whole


def by_pillow(rgba, width, height):
    # Rows first: where the height shrinks, Pillow may begin with columns.
    image = Image.fromarray(rgba, "RGBA").convert("RGBa")
    if image.size != (width, height):
        image = image.resize((width, image.height), Image.Resampling.LANCZOS)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image.convert("RGBA"))


SIZES = [
    ((1, 1), (1, 1)),
    ((1, 1), (7, 3)),
    ((5, 4), (20, 16)),
    ((5, 4), (5, 16)),
    ((5, 4), (20, 4)),
    ((33, 21), (100, 64)),
    ((64, 48), (17, 11)),
    ((64, 3), (63, 640)),
    ((2, 300), (9, 301)),
    ((300, 1), (1200, 4)),
]


@pytest.mark.parametrize(("source", "size"), SIZES)
def test_strips_are_pillows_bytes(monkeypatch, source, size) -> None:
    rgba = noise(source[1], source[0], seed=source[0])
    for at_once in (1, 50, methods.AT_ONCE):
        monkeypatch.setattr(methods, "AT_ONCE", at_once)
        assert np.array_equal(whole(lanczos.enlarge, rgba, Target(*size)), by_pillow(rgba, *size))


def test_random_sizes_are_pillows_bytes(monkeypatch) -> None:
    monkeypatch.setattr(methods, "AT_ONCE", 2000)
    random = np.random.default_rng(5)
    for seed in range(60):
        high, wide = random.integers(1, 90, 2)
        size = tuple(int(one) for one in random.integers(1, 300, 2))
        rgba = noise(int(high), int(wide), seed)
        made = whole(lanczos.enlarge, rgba, Target(*size))
        assert np.array_equal(made, by_pillow(rgba, *size)), (wide, high, size)


def test_of_the_same_size_nothing_is_changed_even_under_alpha_0() -> None:
    rgba = noise(30, 20)
    assert np.array_equal(whole(lanczos.enlarge, rgba, Target(20, 30)), rgba)


def test_hidden_colours_never_show() -> None:
    rgba = np.zeros((9, 9, 4), np.uint8)
    rgba[3:6, 3:6] = (10, 200, 30, 255)
    made = whole(lanczos.enlarge, rgba, Target(63, 63))
    loud = rgba.copy()
    loud[rgba[..., 3] == 0, :3] = (255, 0, 255)
    assert np.array_equal(whole(lanczos.enlarge, loud, Target(63, 63)), made)
    assert (made[made[..., 3] == 0] == 0).all()


def test_a_wrapped_picture_moved_gives_the_result_moved() -> None:
    rgba = noise(12, 10)
    made = whole(lanczos.enlarge, rgba, Target(30, 36), wrap="xy")
    moved = whole(lanczos.enlarge, np.roll(rgba, (5, 4), (0, 1)), Target(30, 36), wrap="xy")
    assert np.array_equal(moved, np.roll(made, (15, 12), (0, 1)))
    middle = whole(lanczos.enlarge, np.tile(rgba, (3, 3, 1)), Target(90, 108))[36:72, 30:60]
    assert np.abs(made.astype(int) - middle)[made[..., 3] > 8].max() <= 1
    plain = whole(lanczos.enlarge, rgba, Target(30, 36))
    assert not np.array_equal(plain, made)


def test_any_part_of_an_axis_has_the_taps_of_the_whole() -> None:
    taps = resampling.taps(33, 100)
    part = taps.part(40, 60)
    assert np.array_equal(part.first, taps.first[40:60])
    rows = painted(33, 8)
    begin, end = part.span
    assert np.array_equal(
        resampling.down(rows[begin:end], part, begin), resampling.down(rows, taps, 0)[40:60]
    )


def test_memory_is_that_of_strips() -> None:
    rgba = painted(512, 512)
    size = Target(4096, 4096)  # 64 MB

    def count(strip) -> None:
        rows.append(len(strip))

    rows: list[int] = []
    tracemalloc.start()
    lanczos.enlarge(InMemory(rgba), size, count)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(rows) == 4096 and len(rows) > 10
    assert most < 40 * 1024**2
