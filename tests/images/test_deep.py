"""More than 8 bits a channel: by the whole range, never clipped, never by the largest value."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images


def seen(tmp_path: Path, values: object, kind: type) -> tuple[list[int], list[str]]:
    Image.fromarray(np.array([values], kind)).save(tmp_path / "a.tif")
    found = images.see((tmp_path / "a.tif").read_bytes(), "a.tif")
    return np.asarray(found.picture)[0, :, 0].tolist(), [r.kind for r in found.remarks]


def test_floats_are_shares_of_white(tmp_path: Path) -> None:
    assert seen(tmp_path, [0, 0.5, 1], np.float32) == ([0, 128, 255], [])
    bright = seen(tmp_path, [-1, 0.25, 1, 1.5, 0.5, np.nan], np.float32)
    assert bright == ([0, 64, 255, 255, 128, 0], ["clipped"])
    assert seen(tmp_path, [0.5, 1, np.inf], np.float32) == ([128, 255, 255], ["clipped"])


def test_floats_in_other_units_are_told(tmp_path: Path) -> None:
    assert seen(tmp_path, [0, 64, 255], np.float32) == ([0, 64, 255], ["scaled"])
    assert seen(tmp_path, [0, 32896, 65535], np.float32) == ([0, 128, 255], ["scaled"])
    assert seen(tmp_path, [0, 50_000, 100_000], np.float32) == ([0, 128, 255], ["scaled"])


def test_whole_numbers_keep_their_range(tmp_path: Path) -> None:
    assert seen(tmp_path, [0, 32896, 65535], np.uint16) == ([0, 128, 255], [])
    assert seen(tmp_path, [0, 128, 257], np.uint16) == ([0, 0, 1], [])
    assert seen(tmp_path, [0, 2**30, 2**31 - 1], np.int32) == ([0, 128, 255], [])


@pytest.mark.parametrize("side", [1, 1_500])
def test_a_large_one_is_taken_in_bands(tmp_path: Path, side: int) -> None:
    values = (np.arange(side * side) % 65536).astype(np.uint16).reshape(side, side)
    Image.fromarray(values).save(tmp_path / "a.png", compress_level=1)
    grey = np.asarray(images.open_picture(tmp_path / "a.png"))[..., 0]
    assert (grey == np.rint(values / 257)).all()
