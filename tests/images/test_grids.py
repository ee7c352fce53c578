"""Contact sheets."""

import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError

RED, GREEN = (255, 0, 0, 255), (0, 255, 0, 255)


def test_grid_shows_every_picture() -> None:
    rows = [[Image.new("RGBA", (8, 8), RED)] * 2, [Image.new("RGBA", (100, 40), GREEN)]]
    sheet = images.grid(rows, cell=32, gap=2, matte=(1, 2, 3))
    assert sheet.size == (70, 70)
    assert sheet.getpixel((20, 20)) == sheet.getpixel((50, 20)) == (255, 0, 0)
    assert sheet.getpixel((18, 52)) == (0, 255, 0)
    assert sheet.getpixel((0, 0)) == sheet.getpixel((60, 60)) == (1, 2, 3)
    assert sheet.getpixel((3, 37)) != (0, 255, 0)  # checkerboard above the wide picture
    with pytest.raises(StudioError):
        images.grid([], cell=32)
