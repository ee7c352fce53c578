"""A part of the enlarged source is the part of the whole, however it is cut."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.upscaling import canvas
from studio.upscaling.canvas import Source
from studio.upscaling.engine import CONTEXT
from studio.upscaling.grid import Box
from studio.upscaling.sizes import Target
from tests.upscaling.engines import painted, speckled


def source_of(folder: Path, rgba: np.ndarray, wrap: str = "") -> Source:
    file = folder / "picture.png"
    Image.fromarray(rgba, "RGBA").save(file)
    return canvas.open_source(file, folder / "work", wrap)


def parts(width: int, height: int) -> list[Box]:
    return [
        Box(0, 0, width, height),
        Box(0, 0, 1, 1),
        Box(width // 3, height // 3, width // 3, height // 2),
        Box(width - 7, height - 5, 7, 5),
    ]


@pytest.mark.parametrize("first", ["lanczos", "nearest"])
@pytest.mark.parametrize("factor", [1, 2, 3, 5])
def test_a_part_is_the_part_of_the_whole_at_whole_factors(
    tmp_path: Path, first: str, factor: int
) -> None:
    source = source_of(tmp_path, speckled(70, 90))
    target = Target(70 * factor, 90 * factor)
    whole = np.asarray(source.region(Box(0, 0, target.width, target.height), target, first))
    for box in parts(target.width, target.height):
        part = np.asarray(source.region(box, target, first))
        assert np.array_equal(part, whole[box.top : box.bottom, box.left : box.right])
        alpha = source.alpha(box, target, first)
        assert np.array_equal(alpha, part[..., 3])


def test_at_other_factors_it_is_so_within_a_level(tmp_path: Path) -> None:
    source = source_of(tmp_path, painted(70, 90))
    for target in (Target(101, 233), Target(33, 41), Target(70, 200)):
        whole = np.asarray(source.region(Box(0, 0, target.width, target.height), target))
        for box in parts(target.width, target.height):
            part = np.asarray(source.region(box, target)).astype(int)
            there = whole[box.top : box.bottom, box.left : box.right]
            assert np.abs(part - there).max() <= 1


def test_an_opaque_picture_is_enlarged_as_pillow_does(tmp_path: Path) -> None:
    rgba = painted(60, 44)
    source = source_of(tmp_path, rgba)
    wanted = Image.fromarray(rgba[..., :3], "RGB").resize((180, 132), Image.Resampling.LANCZOS)
    found = source.region(Box(0, 0, 180, 132), Target(180, 132))
    assert found.convert("RGB").tobytes() == wanted.tobytes()
    assert found.getchannel("A").getextrema() == (255, 255)


def test_at_its_own_size_nothing_changes_but_what_is_hidden(tmp_path: Path) -> None:
    rgba = speckled(130, 70)
    found = np.asarray(source_of(tmp_path, rgba).region(Box(0, 0, 130, 70), Target(130, 70)))
    assert np.array_equal(found[..., 3], rgba[..., 3])
    seen = rgba[..., 3] > 0
    assert np.array_equal(found[seen], rgba[seen])


def test_hidden_colours_change_no_visible_edge(tmp_path: Path) -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[10:30, 10:30] = (200, 40, 20, 255)
    loud = rgba.copy()
    loud[rgba[..., 3] == 0, :3] = (0, 255, 255)
    target, box = Target(160, 160), Box(0, 0, 160, 160)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    quiet = np.asarray(source_of(tmp_path / "a", rgba).region(box, target))
    found = np.asarray(source_of(tmp_path / "b", loud).region(box, target))
    assert np.array_equal(quiet, found)
    seen = found[found[..., 3] > 0][:, :3].astype(int)
    assert np.abs(seen - (200, 40, 20)).max() <= 2  # no edge is darker than the shape


def test_bled_colours_are_those_of_the_whole_in_every_part(tmp_path: Path) -> None:
    rgba = speckled(300, 200)
    rgba[20:180, 40:260, 3] = 0  # farther from anything drawn than a cell
    source = source_of(tmp_path, rgba)
    whole = source.pixels(0, 0, 300, 200)
    for left, top, right, bottom in ((0, 0, 1, 1), (100, 60, 230, 130), (63, 64, 300, 200)):
        part = source.pixels(left, top, right, bottom)
        assert np.array_equal(part, whole[top:bottom, left:right])


@pytest.mark.parametrize("size", [(40, 30), (3, 2), (1, 1), (130, 70)])
def test_a_picture_that_wraps_goes_on_at_its_other_side(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    rgba = speckled(*size)
    source = source_of(tmp_path, rgba, "xy")
    width, height = size
    x, y = np.arange(-7, 2 * width + 3), np.arange(-5, height + 9)
    found = source.pixels(-7, -5, 2 * width + 3, height + 9)
    wanted = rgba[(y % height)[:, None], x % width]
    seen = wanted[..., 3] > 0
    assert np.array_equal(found[..., 3], wanted[..., 3])
    assert np.array_equal(found[seen], wanted[seen])
    # Enlarged, it has no edge either: rolled, it is the rolled enlargement.
    target = Target(width * 2, height * 2)
    box = Box(width, height, 2 * width, 2 * height)
    whole = np.asarray(source.region(Box(0, 0, 2 * width, 2 * height), target))
    rolled = np.roll(whole, (-height, -width), (0, 1))
    assert np.array_equal(np.asarray(source.region(box, target)), rolled)
    assert np.array_equal(source.alpha(box, target), rolled[..., 3])


def test_the_sources_own_pixels_lie_where_they_are_said_to(tmp_path: Path) -> None:
    rgba = painted(100, 80)
    own = source_of(tmp_path, rgba).own(Box(200, 4, 40, 60), Target(400, 320))
    around = CONTEXT + canvas.SLACK  # cut off at the top
    assert (own.left, own.top, own.size) == (50 - around, 0, (100, 80))
    assert own.picture.size == (100 - own.left, 16 + around)
    there = rgba[: own.picture.height, own.left :]
    assert np.array_equal(np.asarray(own.picture), there)
    wrapped = source_of(tmp_path, rgba, "x").own(Box(380, 4, 40, 60), Target(400, 320))
    columns = np.arange(wrapped.left, wrapped.left + wrapped.picture.width) % 100
    assert wrapped.left == 95 - around and wrapped.picture.width == 10 + 2 * around
    assert np.array_equal(np.asarray(wrapped.picture), rgba[: wrapped.picture.height, columns])


def test_a_source_is_laid_open_once(tmp_path: Path) -> None:
    source = source_of(tmp_path, speckled(20, 10))
    before = source.rows.stat().st_mtime_ns
    again = canvas.open_source(tmp_path / "picture.png", tmp_path / "work")
    assert again.rows == source.rows and again.rows.stat().st_mtime_ns == before
    assert canvas.opened(tmp_path / "work", source.hash).width == 20
    opaque = source_of(tmp_path, painted(20, 10))
    assert opaque.rows != source.rows and opaque.cells is None


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(StudioError, match="a.png: this is not a picture"):
        canvas.open_source(tmp_path / "a.png", tmp_path)
    with pytest.raises(StudioError, match="none.png"):
        canvas.open_source(tmp_path / "none.png", tmp_path)
