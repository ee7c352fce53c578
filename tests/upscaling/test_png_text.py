"""Texts in a PNG that is there: its pixels and its other chunks stay as they are."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.upscaling import png_text


def test_texts_stand_in_the_file_and_the_pixels_stay(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (37, 21, 4), np.uint8)
    plain, named = tmp_path / "a.png", tmp_path / "b.png"
    Image.fromarray(pixels, "RGBA").save(plain)
    texts = {"housestyle": '{"a": 1}', "parameters": "Grün, 火\nSteps: 3"}
    png_text.write(plain, named, texts)
    with Image.open(named) as opened:
        opened.load()
        assert opened.text == texts  # type: ignore[attr-defined]
        assert np.array_equal(np.asarray(opened), pixels)
    data, before = named.read_bytes(), plain.read_bytes()
    assert data.startswith(before[: png_text.HEAD]) and data.endswith(before[png_text.HEAD :])


def test_what_is_no_png_is_refused(tmp_path):
    file = tmp_path / "a.png"
    written = io.BytesIO()
    Image.new("RGB", (3, 3)).save(written, "JPEG")
    file.write_bytes(written.getvalue())
    with pytest.raises(StudioError, match="is no PNG"):
        png_text.write(file, tmp_path / "b.png", {})
