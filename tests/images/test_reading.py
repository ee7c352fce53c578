"""Pictures of every kind that a folder may hold, made small and real."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError

RED, GREEN = (255, 0, 0, 255), (0, 255, 0, 255)


def noise(width: int, height: int, mode: str = "RGBA", seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), np.uint8)
    return Image.fromarray(pixels, mode)


def huge_png(path: Path, side: int = 30_000) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [9_000, 12_000, 30_000])
def test_a_huge_picture_is_refused_by_its_header(tmp_path: Path, side: int) -> None:
    huge_png(tmp_path / "wall.png", side)
    with pytest.raises(StudioError, match="wall.png.*pixels"):
        images.open_picture(tmp_path / "wall.png")


def test_the_limit_is_the_callers(tmp_path: Path) -> None:
    noise(10, 10).save(tmp_path / "a.png")
    assert images.open_picture(tmp_path / "a.png", max_pixels=100).size == (10, 10)
    with pytest.raises(StudioError, match="more than 99 pixels"):
        images.open_picture(tmp_path / "a.png", max_pixels=99)


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg"])
def test_truncated_pictures_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    noise(64, 64, "RGB").save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(StudioError, match=f"{name}.*truncated"):
        images.open_picture(path)


@pytest.mark.parametrize("data", [b"", b"this is text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "fake.png").write_bytes(data)
    with pytest.raises(StudioError, match="fake.png") as caught:
        images.open_picture(tmp_path / "fake.png")
    assert caught.value.remedy


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "no.png", tmp_path):
        with pytest.raises(StudioError, match="no such file"):
            images.open_picture(path)


def test_cmyk(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 4), (0, 255, 255, 0)).save(tmp_path / "a.tif")
    assert images.open_picture(tmp_path / "a.tif").getpixel((0, 0)) == RED


def test_palette_with_transparency(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "a.png", transparency=1)
    opened = images.open_picture(tmp_path / "a.png")
    assert opened.getpixel((0, 0)) == RED
    assert opened.getpixel((1, 0)) == (0, 255, 0, 0)


def test_sixteen_bit_grey_keeps_its_range(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 32896, 65535]], np.uint16)).save(tmp_path / "a.png")
    opened = np.asarray(images.open_picture(tmp_path / "a.png"))
    assert opened[0, :, 0].tolist() == [0, 128, 255]
    assert opened[0, :, 3].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "F", "I", "YCbCr"])
def test_other_modes_open_as_rgba(tmp_path: Path, mode: str) -> None:
    Image.new("RGB", (5, 3), "white").convert("L" if mode in "FI" else "RGB").convert(mode).save(
        tmp_path / "a.tif"
    )
    opened = images.open_picture(tmp_path / "a.tif")
    assert (opened.mode, opened.size) == ("RGBA", (5, 3))


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_of_an_animation_the_first_frame(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGBA", (8, 8), colour) for colour in (RED, GREEN)]
    options = {"lossless": True} if name.endswith("webp") else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
    assert images.open_picture(tmp_path / name).getpixel((4, 4)) == RED


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 4), "red").save(tmp_path / "a.jpg", exif=exif)
    assert images.open_picture(tmp_path / "a.jpg").size == (4, 8)
