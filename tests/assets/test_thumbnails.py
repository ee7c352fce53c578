"""Copies of pictures for pages: made once, kept by content, of bounded size."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.assets import thumbnails
from studio.errors import StudioError


def drawn(file: Path, seed: int = 0, side: int = 64) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 4), np.uint8)
    Image.fromarray(pixels, "RGBA").save(file)
    return file


def made_of(home: Path, file: Path, side: int | None) -> Path:
    """Where the copy lies that was made now."""
    data, _ = thumbnails.make(home, file, side)
    there = thumbnails.kept(home, file, side)
    assert there is not None and there.read_bytes() == data
    return there


def test_a_copy_is_found_by_what_is_in_the_picture(tmp_path: Path) -> None:
    file = drawn(tmp_path / "a.png")
    assert thumbnails.kept(tmp_path, file, 16) is None
    made = made_of(tmp_path, file, 16)
    assert images.open_picture(made).size == (16, 16)
    assert thumbnails.kept(tmp_path, file, 32) is None
    same = Path(shutil.copy(file, tmp_path / "b.png"))
    assert thumbnails.kept(tmp_path, same, 16) == made
    drawn(file, 1)  # drawn anew under its name
    os.utime(file, ns=(1, 1))
    assert thumbnails.kept(tmp_path, file, 16) is None
    assert not list(tmp_path.rglob("*.part"))


def test_a_whole_copy_is_without_loss(tmp_path: Path) -> None:
    file = drawn(tmp_path / "a.tif")
    made = made_of(tmp_path, file, None)
    whole, came = (np.asarray(images.open_picture(one)) for one in (made, file))
    assert (whole[came[..., 3] > 0] == came[came[..., 3] > 0]).all()
    wide = Image.new("RGB", (17_000, 2), "red")
    wide.save(tmp_path / "wide.tif")
    made = made_of(tmp_path, tmp_path / "wide.tif", None)
    assert made.suffix == ".png" and images.open_picture(made).size == (17_000, 2)


def test_of_many_the_oldest_go(tmp_path: Path) -> None:
    made = [made_of(tmp_path, drawn(tmp_path / f"{n}.png", n), 32) for n in range(4)]
    for number, file in enumerate(made):
        os.utime(file, ns=(number * 10**9, number * 10**9))
    held = sum(file.stat().st_size for file in made[2:])
    older = made[0].parents[1].with_name("0") / "aa" / "x.webp"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"of an older edition")
    assert thumbnails.bound(tmp_path, held) == 3
    assert [file.exists() for file in made] == [False, False, True, True] and not older.exists()
    assert thumbnails.bound(tmp_path, held) == 0


def test_without_room_it_is_sent_all_the_same(tmp_path: Path) -> None:
    file = drawn(tmp_path / "a.png")
    (tmp_path / "cache").write_text("no folder can be here")
    data, kind = thumbnails.make(tmp_path, file, 16)
    assert kind == "image/webp" and images.decode(data, "a").size == (16, 16)
    assert thumbnails.kept(tmp_path, file, 16) is None


def test_what_is_no_picture_gets_no_copy(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(StudioError, match="not a picture"):
        thumbnails.make(tmp_path, tmp_path / "a.png", 16)
    with pytest.raises(OSError):
        thumbnails.kept(tmp_path, tmp_path / "gone.png", 16)
    assert thumbnails.bound(tmp_path / "nowhere") == 0


def test_a_large_picture_is_seen_by_the_smaller_copy_beside_it(tmp_path: Path) -> None:
    file = drawn(tmp_path / "map.png", 1)
    assert not thumbnails.has_smaller(file) and thumbnails.seen_by(file, 16) == file
    small = thumbnails.beside(file)
    assert small.name == "map.smaller.webp"
    Image.new("RGBA", (32, 32), (9, 90, 200, 255)).save(small, lossless=True)
    assert thumbnails.has_smaller(file) and thumbnails.seen_by(file, None) == file
    assert thumbnails.seen_by(file, thumbnails.SIDE + 1) == file
    seen = images.open_picture(made_of(tmp_path, file, 16))
    assert seen.size == (16, 16) and seen.getpixel((3, 3)) == (9, 90, 200, 255)
