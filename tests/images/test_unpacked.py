"""A picture laid open row by row is the picture, and results of the studio may be larger."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images import formats, unpacked

ELSEWHERE = Path(__file__).with_name("elsewhere")


def laid_open(file: Path, folder: Path) -> np.ndarray:
    rows: list[np.ndarray] = []
    size = unpacked.unpack(file, folder / "rows.npy", lambda strip: rows.append(strip.copy()))
    found = np.load(folder / "rows.npy")
    assert found.shape == (size[1], size[0], 4) and found.dtype == np.uint8
    assert np.array_equal(np.concatenate(rows), found)
    assert all(len(strip) == unpacked.ROWS for strip in rows[:-1])
    return found


@pytest.mark.parametrize("file", sorted(ELSEWHERE.glob("*.*")), ids=lambda file: file.name)
def test_any_picture_is_laid_open_as_it_is_opened(file: Path, tmp_path: Path) -> None:
    try:
        wanted = images.open_picture(file)
    except StudioError as error:
        with pytest.raises(StudioError, match=str(error)[:12].replace("(", ".")):
            laid_open(file, tmp_path)
        return
    assert np.array_equal(laid_open(file, tmp_path), np.asarray(wanted))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_mode_is_laid_open(mode: str, tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (150, 40), np.uint8)
    made = Image.fromarray(values, "L")
    if mode == "I;16":
        made = Image.fromarray(values.astype(np.uint16) * 200)
    else:
        made = made.convert("RGBA").convert(mode) if mode in ("LA", "RGBA") else made.convert(mode)
    made.save(tmp_path / "a.png")
    wanted = np.asarray(images.open_picture(tmp_path / "a.png"))
    assert np.array_equal(laid_open(tmp_path / "a.png", tmp_path), wanted)


def test_one_that_is_turned_or_keyed_is_read_as_all_are(tmp_path: Path) -> None:
    made = Image.fromarray(np.arange(2400, dtype=np.uint16).reshape(40, 20, 3).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    made.save(tmp_path / "turned.png", exif=exif)
    assert laid_open(tmp_path / "turned.png", tmp_path).shape == (20, 40, 4)
    made.save(tmp_path / "keyed.png", transparency=(3, 4, 5))
    found = laid_open(tmp_path / "keyed.png", tmp_path)
    assert np.array_equal(found, np.asarray(images.open_picture(tmp_path / "keyed.png")))
    assert found[..., 3].min() == 0


def test_a_damaged_one_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (400, 400), "red").save(tmp_path / "whole.png")
    data = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(StudioError, match="half.png: the picture is truncated or damaged"):
        laid_open(tmp_path / "half.png", tmp_path)


def claiming(width: int, height: int) -> bytes:
    """A PNG that begins like one of that size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in chunks:
        parts += [struct.pack(">I", len(data)), name, data]
        parts.append(struct.pack(">I", zlib.crc32(name + data)))
    return b"".join(parts)


def test_results_may_be_larger_than_what_strangers_send(tmp_path: Path) -> None:
    for side in (8192, 16_384):
        data = claiming(side, side)
        with pytest.raises(StudioError, match="more than 64,000,000 pixels"):
            images.decode(data, "a.png")
        with formats.header(data, "a.png", formats.RESULT_PIXELS) as picture:
            assert picture.size == (side, side)
        (tmp_path / "a.png").write_bytes(data)
        with images.result(tmp_path / "a.png") as picture:
            assert picture.size == (side, side)
        with pytest.raises(StudioError, match="a.png.*more than 64,000,000 pixels"):
            images.open_picture(tmp_path / "a.png")
    with pytest.raises(StudioError, match="16,385 x 16,384 is more than 268,435,456 pixels"):
        formats.header(claiming(16_385, 16_384), "a.png", formats.RESULT_PIXELS)


def test_no_other_format_is_let_in_by_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_PIXELS", 99)
    Image.new("RGB", (10, 10)).save(tmp_path / "a.jpg")
    Image.new("RGB", (10, 10)).save(tmp_path / "a.png")
    with pytest.raises(StudioError, match="10 x 10 is more than 99 pixels"):
        images.open_result(tmp_path / "a.jpg")
    assert images.open_result(tmp_path / "a.png").size == (10, 10)
