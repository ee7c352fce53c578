"""A picture in levels: each part of it at each size, from small files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.upscaling import levels
from studio.upscaling.levels import Levels
from tests.upscaling.engines import painted, speckled


def whole(folder: Path, found: Levels, level: int) -> np.ndarray:
    """A level put together again."""
    width, height = found.size(level)
    picture = Image.new("RGBA", (width, height))
    columns, rows = found.squares(level)
    for row in range(rows):
        for column in range(columns):
            with Image.open(levels.square(folder, level, column, row)) as square:
                side = (min(512, width - 512 * column), min(512, height - 512 * row))
                assert square.size == side
                picture.paste(square.convert("RGBA"), (column * 512, row * 512))
    return np.asarray(picture)


@pytest.mark.parametrize("size", [(1, 1), (512, 512), (513, 3), (1300, 1100)])
def test_without_loss_every_pixel_is_there(tmp_path: Path, size: tuple[int, int]) -> None:
    rgba = speckled(*size)
    Image.fromarray(rgba, "RGBA").save(tmp_path / "a.png")
    found = levels.write(tmp_path / "a.png", tmp_path / "levels", lossless=True)
    assert found == levels.read(tmp_path / "levels") == levels.of(*size)
    assert found.squares(found.count - 1) == (1, 1)
    whole_size = whole(tmp_path / "levels", found, 0)
    seen = rgba[..., 3] > 0
    assert np.array_equal(whole_size[..., 3], rgba[..., 3])
    assert np.array_equal(whole_size[seen], rgba[seen])
    smaller = Image.fromarray(rgba, "RGBA")
    for level in range(1, found.count):
        smaller = smaller.reduce(2)
        there, wanted = whole(tmp_path / "levels", found, level), np.asarray(smaller)
        assert there.shape == wanted.shape
        seen = wanted[..., 3] > 0
        assert np.array_equal(there[seen], wanted[seen])


@pytest.mark.slow
def test_painted_pictures_are_packed_smaller(tmp_path: Path) -> None:
    rgba = painted(1100, 700)
    Image.fromarray(rgba, "RGBA").save(tmp_path / "a.png")
    tight = levels.write(tmp_path / "a.png", tmp_path / "tight", lossless=True)
    loose = levels.write(tmp_path / "a.png", tmp_path / "loose", lossless=False)
    assert tight == loose == Levels(1100, 700, 512, 3)
    apart = np.abs(whole(tmp_path / "loose", loose, 0).astype(int) - rgba)
    assert apart.mean() < 4
    sizes = [
        sum(file.stat().st_size for file in (tmp_path / name).rglob("*.webp"))
        for name in ("tight", "loose")
    ]
    assert sizes[1] < sizes[0]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.png", "loose", "tight"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no levels yet"):
        levels.square(tmp_path / "levels", 0, 0, 0)
    Image.new("RGBA", (600, 20)).save(tmp_path / "a.png")
    levels.write(tmp_path / "a.png", tmp_path / "levels", lossless=True)
    for place in ((0, 2, 0), (0, 0, 1), (2, 0, 0), (-1, 0, 0), (0, -1, 0)):
        with pytest.raises(StudioError, match="has no square"):
            levels.square(tmp_path / "levels", *place)
    (tmp_path / "b.png").write_text("no picture")
    with pytest.raises(StudioError, match="not a picture"):
        levels.write(tmp_path / "b.png", tmp_path / "none", lossless=True)
    assert not (tmp_path / "none").exists()


def test_the_largest_result_has_six_levels() -> None:
    assert levels.of(16_384, 16_384).count == 6
    assert levels.of(8192, 8192).count == 5 and levels.of(8192, 8192).squares(0) == (16, 16)
    assert levels.of(512, 1).count == 1 and levels.of(513, 1).count == 2
