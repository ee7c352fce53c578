"""A PNG written in strips is a PNG like any other."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.upscaling.png_stream import PngStream
from tests.upscaling.engines import painted, speckled


@pytest.mark.parametrize("strip", [1, 3, 64])
@pytest.mark.parametrize("rgba", [speckled(1, 1), speckled(70, 64), painted(33, 50)])
def test_what_is_written_is_read(tmp_path: Path, rgba: np.ndarray, strip: int) -> None:
    height, width = rgba.shape[:2]
    with PngStream(tmp_path / "a.png", width, height, {"Title": "größe"}) as stream:
        for top in range(0, height, strip):
            stream.write(rgba[top : top + strip])
    data = (tmp_path / "a.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        picture.load()
        assert picture.mode == "RGBA" and np.array_equal(np.asarray(picture), rgba)
        assert picture.text == {"Title": "größe"}
    written = stream.written
    assert written is not None and written.bytes == len(data)
    assert written.hash == hashlib.sha256(data).hexdigest()
    assert written.pixels == images.pixel_digest(Image.fromarray(rgba, "RGBA"))


def test_filters_pack_what_they_are_for(tmp_path: Path) -> None:
    with PngStream(tmp_path / "a.png", 400, 300) as stream:
        stream.write(painted(400, 300))
    Image.fromarray(painted(400, 300), "RGBA").save(tmp_path / "b.png", compress_level=1)
    assert (tmp_path / "a.png").stat().st_size < 1.6 * (tmp_path / "b.png").stat().st_size


def test_one_that_breaks_off_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), PngStream(tmp_path / "a.png", 4, 4) as stream:
        stream.write(speckled(4, 2))
        raise ZeroDivisionError
    assert stream.written is None
    with pytest.raises(AssertionError), PngStream(tmp_path / "a.png", 4, 4) as stream:
        stream.write(speckled(4, 2))
