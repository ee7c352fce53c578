"""What goes to a browser as it is, and copies of what does not."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images import shown


def photograph(file: Path, side: int = 400, **more: object) -> Path:
    slope = np.linspace(0, 255, side).astype(np.uint8)
    across = np.tile(slope, (side, 1))
    Image.fromarray(np.dstack([across, across.T, across]), "RGB").save(file, **more)
    return file


def test_previews_beside_a_photograph_are_no_frames(tmp_path: Path) -> None:
    small = Image.new("RGB", (16, 16), "blue")
    file = photograph(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[small])
    seen = images.see(file.read_bytes(), "a.jpg")
    assert seen.format == "MPO" and seen.remarks == () and seen.picture.size == (400, 400)
    assert shown.as_it_is(file) == "image/jpeg"


def test_the_type_is_that_of_the_content(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.tga", "PNG")
    assert shown.as_it_is(tmp_path / "a.tga") == "image/png"
    (tmp_path / "b.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(StudioError, match="b.png.*not a picture"):
        shown.as_it_is(tmp_path / "b.png")


@pytest.mark.parametrize("format", ["TIFF", "TGA", "BMP", "ICO", "JPEG2000", "PPM"])
def test_what_no_browser_shows_is_sent_otherwise(tmp_path: Path, format: str) -> None:
    Image.new("RGB", (16, 16), (200, 30, 30)).save(tmp_path / "a", format)
    assert shown.as_it_is(tmp_path / "a") == ""
    data, kind = shown.copy(tmp_path / "a")
    assert kind == "image/webp"
    with Image.open(io.BytesIO(data)) as sent:
        assert sent.format == "WEBP" and sent.convert("RGB").getpixel((8, 8)) == (200, 30, 30)


def test_exif_behind_the_pixels_is_looked_for(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 4), "red").save(tmp_path / "a.png", exif=exif)
    data = (tmp_path / "a.png").read_bytes()
    start = data.index(b"eXIf") - 4
    length = 12 + int.from_bytes(data[start : start + 4], "big")
    late = data[:start] + data[start + length :]
    end = late.index(b"IEND") - 4
    late = late[:end] + data[start : start + length] + late[end:]
    (tmp_path / "b.png").write_bytes(late)
    for name in ("a.png", "b.png"):
        assert images.open_picture(tmp_path / name).size == (4, 8)
        assert shown.as_it_is(tmp_path / name) == ""


def test_a_photograph_is_decoded_no_larger_than_it_is_shown(tmp_path: Path) -> None:
    file = photograph(tmp_path / "a.jpg", 1600)
    half = images.see(file.read_bytes(), "a.jpg", about=200).picture
    assert half.size == (200, 200)
    exact = images.open_picture(file)
    exact.thumbnail((150, 150), Image.Resampling.LANCZOS)
    copy = images.decode(shown.copy(file, 150)[0], "a")
    away = np.abs(np.asarray(copy).astype(int) - np.asarray(exact).astype(int))
    assert copy.size == (150, 150) and away.mean() < 1.5


def test_nothing_is_enlarged(tmp_path: Path) -> None:
    Image.new("RGB", (16, 8), "red").save(tmp_path / "a.png")
    assert images.decode(shown.copy(tmp_path / "a.png", 64)[0], "a").size == (16, 8)
    assert shown.pixels(tmp_path / "a.png") == 128
