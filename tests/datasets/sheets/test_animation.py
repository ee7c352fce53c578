"""Animations by their frames: as a viewer shows them, without an APNG's hidden picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.datasets.sheets import animation, frames
from studio.errors import StudioError

COLOURS = [(250, 10, 10), (10, 250, 10), (10, 10, 250)]


def frame(colour: tuple[int, int, int], place: int) -> Image.Image:
    """A square on nothing."""
    picture = Image.new("RGBA", (12, 8))
    picture.paste((*colour, 255), (place, 2, place + 4, 6))
    return picture


def animated(format: str, **more: Any) -> bytes:
    first, *rest = [frame(colour, 3 * k) for k, colour in enumerate(COLOURS)]
    data = io.BytesIO()
    more |= {"lossless": True} if format == "WEBP" else {}
    first.save(data, format, save_all=True, append_images=rest, duration=100, disposal=2, **more)
    return data.getvalue()


@pytest.mark.parametrize(("format", "suffix"), [("GIF", "gif"), ("PNG", "png"), ("WEBP", "webp")])
def test_every_frame_as_it_is_seen(format: str, suffix: str, tmp_path: Path) -> None:
    data = animated(format)
    path = tmp_path / f"walk.{suffix}"
    path.write_bytes(data)
    assert animation.moves(path)
    found = list(animation.cut(data, path.name))
    assert [one.number for one in found] == [1, 2, 3]
    for k, one in enumerate(found):
        pixels, wanted = np.asarray(one.picture), np.asarray(frame(COLOURS[k], 3 * k))
        assert (pixels[..., 3] == wanted[..., 3]).all()
        assert abs(pixels[wanted[..., 3] > 0].astype(int) - [*COLOURS[k], 255]).max() <= 3


def test_the_hidden_picture_of_an_apng_is_no_frame() -> None:
    banner = Image.new("RGBA", (12, 8), (255, 255, 255, 255))
    data = io.BytesIO()
    shown = [frame(colour, 0) for colour in COLOURS[:2]]
    banner.save(data, "PNG", save_all=True, append_images=shown, default_image=True, disposal=1)
    found = list(animation.cut(data.getvalue(), "walk.png"))
    assert [one.number for one in found] == [1, 2]
    assert found[0].picture.getpixel((1, 3)) == (*COLOURS[0], 255)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "BMP"])
def test_a_still_picture_does_not_move(format: str, tmp_path: Path) -> None:
    path = tmp_path / "still"
    frame(COLOURS[0], 0).convert("RGB").save(path, format)
    assert not animation.moves(path)
    path.write_bytes(b"GIF89a" + bytes(3))
    assert not animation.moves(path) and not animation.moves(tmp_path / "none")


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_a_damaged_animation_is_named(format: str) -> None:
    data = animated(format)
    for end in (len(data) // 2, 40, 10):
        with pytest.raises(StudioError, match="walk: the animation is damaged"):
            list(animation.cut(data[:end], "walk"))


def test_too_many_pixels_are_refused_before_they_are_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "MOST_PIXELS", 12 * 8 * 3 - 1)
    with pytest.raises(StudioError, match="3 frames of 12 x 8 pixels"):
        next(animation.cut(animated("GIF"), "walk.gif"))
