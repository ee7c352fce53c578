"""benchmarks/prop_files.py: each picture by each method, held against the bars."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import prop_files
from studio.props import glb
from studio.props.settings import METHODS


def _sprite(side: int) -> Image.Image:
    y, x = np.mgrid[:side, :side]
    rgba = np.zeros((side, side, 4), np.uint8)
    there = np.hypot(x - side / 2, y - side / 2) < side / 3
    rgba[there] = (200, 80, 40, 255)
    rgba[there & (x < side / 2)] = (40, 80, 200, 255)
    return Image.fromarray(rgba, "RGBA")


@pytest.mark.slow
def test_a_folder_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, kept = tmp_path / "art", tmp_path / "kept"
    (folder / "more").mkdir(parents=True)
    _sprite(24).save(folder / "a.png")
    _sprite(40).save(folder / "more" / "b.png")
    Image.new("RGBA", (16, 16)).save(folder / "empty.png")
    code = prop_files.main([str(folder), "--keep", str(kept), "--json"])
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1 and record["pictures"] == 3
    assert list(record["methods"]) == list(METHODS)
    for method, one in record["methods"].items():
        assert one["made"] == 2 and sum(one["refused"].values()) == 1, method
        assert one["errors"] == one["other_bytes"] == 0, one["wrong"]
        assert one["closed"] == 2 or method in prop_files.OPEN
        assert glb.read((kept / method / "more_b.png.glb").read_bytes()).triangle_count
    assert record["within"] == (code == 0)


def test_what_is_missed_is_within_no_bar() -> None:
    sound = prop_files.Found(made=2, closed=2, triangles=[10, 20], small_seconds=[0.1, 0.12])
    assert sound.record("voxels")["within"]
    for wrong in (
        {"errors": 1},
        {"changed": 1},
        {"closed": 1},
        {"triangles": [10, 5_000]},
        {"small_seconds": [0.2, 0.3]},
    ):
        found = prop_files.Found(**{**vars(sound), **wrong})
        assert not found.record("voxels")["within"], wrong
    opened = prop_files.Found(**{**vars(sound), "closed": 0})
    assert opened.record("planes")["within"] and not opened.record("card")["within"]


def test_a_method_that_is_none_and_an_empty_folder_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in ((["--methods", "clay"], "no method clay"), ([], "no picture in")):
        with pytest.raises(SystemExit):
            prop_files.main([str(tmp_path), *words])
        assert said in capsys.readouterr().err
