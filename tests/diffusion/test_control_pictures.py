"""What a ControlNet is shown: edges, lines and sketches of drawn pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.diffusion.control_files import KINDS, REFERENCE
from studio.diffusion.control_pictures import edges, made


@pytest.fixture
def square() -> Image.Image:
    picture = Image.new("RGBA", (48, 48), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((12, 12, 35, 35), fill=(240, 240, 240, 255))
    return picture


def test_edges_are_thin_and_where_the_picture_changes(square: Image.Image) -> None:
    found = np.asarray(made("canny", square))[..., 0]
    assert set(np.unique(found)) == {0, 255}
    rows, columns = np.nonzero(found)
    assert {rows.min(), columns.min()} <= {11, 12} and {rows.max(), columns.max()} <= {35, 36}
    assert found[24].astype(bool).sum() == 2  # one on each side, a pixel wide
    assert not edges(np.full((20, 20), 77, np.uint8)).any()


def test_weak_edges_count_where_they_are_joined_to_strong_ones() -> None:
    fading = np.zeros((40, 40), np.uint8)
    fading[:, 20:] = np.linspace(200, 30, 40).astype(np.uint8)[:, None]
    assert edges(fading)[5:35].any(1).all()
    assert not edges(np.minimum(fading, 31)).any()  # the weak end alone


def test_dark_strokes_are_turned_over() -> None:
    sheet = Image.new("RGBA", (32, 32), "white")
    ImageDraw.Draw(sheet).line((4, 16, 28, 16), fill=(60, 60, 60, 255), width=3)
    line, sketch = (np.asarray(made(kind, sheet)) for kind in ("lineart", "scribble"))
    assert line[16, 16].tolist() == [195] * 3 and line[2, 2].tolist() == [0] * 3
    assert set(np.unique(sketch)) == {0, 255} and sketch[16, 16, 0] == 255
    ready = np.asarray(made("lineart", Image.fromarray(line).convert("RGBA"), ready=True))
    assert (ready == line).all()
    empty = Image.new("RGBA", (8, 8), (0, 0, 0, 0))  # transparent is paper
    assert not np.asarray(made("scribble", empty)).any()


def test_a_pose_is_taken_as_it_is_and_every_kind_is_known(square: Image.Image) -> None:
    pose = made("openpose", square)
    assert pose.getpixel((20, 20)) == (240, 240, 240) and pose.getpixel((0, 0)) == (0, 0, 0)
    assert made("tile", square).getpixel((0, 0)) == (128, 128, 128)
    for kind in set(KINDS) - {REFERENCE}:
        assert made(kind, square).size == square.size and made(kind, square).mode == "RGB"
    with pytest.raises(ValueError, match="sound"):
        made("sound", square)
