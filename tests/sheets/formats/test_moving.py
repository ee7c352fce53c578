"""Moving pictures: APNG and WebP byte for byte and to the millisecond, GIF with what it changes."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import GifImagePlugin, Image

from studio.errors import StudioError
from studio.sheets.formats import moving
from studio.sheets.sheet import Frame, of_pictures
from tests.sheets.drawn import noise, same, walk, walker


def thrice():
    """Three equal frames in a row, then another, of odd durations."""
    made = walk()
    picture = made.frames[0].image
    frames = [Frame(picture, ms) for ms in (83, 16, 7)] + [Frame(walker(1), 60_000)]
    return replace(made, frames=tuple(frames), tags=(), slices=())


@pytest.mark.parametrize("form", ["apng", "webp"])
@pytest.mark.parametrize("make", [walk, thrice])
def test_every_frame_and_millisecond_comes_back(form, make):
    made = make()
    written = getattr(moving, form)(made)
    assert written.remarks == ()
    back, remarks = moving.read(written.data, f"walk.{form}")
    assert same(back, made) and remarks == ()
    assert [one.duration_ms for one in back.frames] == [one.duration_ms for one in made.frames]


@pytest.mark.parametrize("form", ["apng", "webp"])
def test_half_transparent_pixels_stay(form):
    random = np.random.default_rng(2)
    pictures = [
        Image.fromarray(random.integers(0, 256, (9, 7, 4), np.uint8), "RGBA") for _ in range(3)
    ]
    made = of_pictures("smoke", pictures)
    assert same(moving.read(getattr(moving, form)(made).data, "smoke")[0], made)


def test_an_apng_is_a_png_of_the_first_frame_elsewhere():
    made = walk()
    picture = Image.open(io.BytesIO(moving.apng(made).data))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (24, 32), "RGBA")
    assert picture.n_frames == 4 and picture.tobytes() == made.frames[0].image.tobytes()


def test_a_gif_tells_what_it_changes():
    made = thrice()
    written = moving.gif(made)
    said = " ".join(written.remarks)
    assert "83 ms became 80 ms" in said and "Equal frames" in said and "255 colours" not in said
    back, _ = moving.read(written.data, "walk.gif")
    assert [one.duration_ms for one in back.frames][-1] == 60_000
    assert sum(one.duration_ms for one in back.frames) == 80 + 20 + 20 + 60_000
    assert back.frames[-1].image.tobytes() == made.frames[-1].image.tobytes()


def test_a_gif_keeps_few_colours_and_says_when_there_are_more():
    plain = walk()
    even = tuple(replace(frame, duration_ms=80) for frame in plain.frames)
    written = moving.gif(replace(plain, frames=even))
    assert written.remarks == ()
    back, _ = moving.read(written.data, "walk.gif")
    assert same(replace(back, normals=()), plain)
    many = moving.gif(of_pictures("a", [noise(30, 30, 1), noise(30, 30, 2)]))
    assert any("A GIF has 255 colours" in one for one in many.remarks)
    smoke = Image.new("RGBA", (4, 4), (255, 0, 0, 100))
    assert any("half-transparent" in one for one in moving.gif(of_pictures("a", [smoke])).remarks)


def test_a_single_picture_is_one_frame():
    out = io.BytesIO()
    walker(1).save(out, "PNG")
    back, remarks = moving.read(out.getvalue(), "folder/hero.png")
    assert (back.name, len(back.frames), remarks) == ("hero", 1, ())
    assert back.frames[0].duration_ms == 100


def test_damage_is_named():
    with pytest.raises(StudioError, match="no.png: this is not a picture"):
        moving.read(b"nothing", "no.png")
    data = moving.apng(thrice()).data
    with pytest.raises(StudioError, match="walk.png"):
        moving.read(data[: len(data) * 2 // 3], "walk.png")


def test_a_frame_that_is_shown_too_long_is_told():
    out = io.BytesIO()
    more = {"save_all": True, "append_images": [walker(2)], "duration": [65_000, 100]}
    walker(1).save(out, "PNG", **more)
    back, remarks = moving.read(out.getvalue(), "walk.png")
    assert [one.duration_ms for one in back.frames] == [60_000, 100]
    assert remarks == ("A frame that is shown for 65,000 ms got 60,000.",)


def test_a_frame_that_can_t_be_counted_is_named(monkeypatch):
    def damaged(_):
        raise ValueError("cut off")

    data = moving.gif(thrice()).data
    monkeypatch.setattr(GifImagePlugin.GifImageFile, "n_frames", property(damaged))
    with pytest.raises(StudioError, match="walk.gif: a frame behind the first is truncated"):
        moving.read(data, "walk.gif")
