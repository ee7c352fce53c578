"""What is said of a seamless picture's edges: kept with it, found by it, told in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from studio.assets.search import Wanted
from studio.database import engine as db
from studio.generation import gallery_table, picture_files, seam_verdicts, style_drawing, variations
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PLAIN = Made("props", 1, "pocket", "", "", "a wall", "a wall", "", 3, 20, 4.0, 1.0)
MADE = replace(PLAIN, seamless="both", fill="opaque")


def ramp(width: int = 32, height: int = 32) -> Image.Image:
    """It fits over top and bottom, and not at all over the sides."""
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = np.linspace(20, 230, width).astype(np.uint8)[None, :, None]
    return Image.fromarray(pixels)


@pytest.fixture
def engine(tmp_path: Path, either_database: None) -> Iterator[Engine]:
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def test_verdicts_are_kept_with_a_picture_and_found_by(engine: Engine, tmp_path: Path) -> None:
    folder, pictures = tmp_path / "generated" / "props", []
    clear = ramp()
    clear.putalpha(0)
    for name, made, picture in (
        ("plain", PLAIN, ramp()),
        ("cut", MADE, ramp()),
        ("whole", replace(MADE, seamless="y"), ramp()),
        ("open", MADE, clear),
    ):
        file = picture_files.keep(folder, name, picture, made)
        pictures.append(Kept(file, made))
    ids = gallery_table.record(engine, tmp_path, pictures, by="ana", now=NOW, job=4)
    plain, cut, whole, clear_one = (gallery_table.get(engine, id) for id in ids)
    assert (plain.seamless, plain.fill, plain.seams) == ("", "", {})
    assert (cut.seamless, cut.fill) == ("both", "opaque")
    assert [cut.seams[axis]["verdict"] for axis in "xy"] == ["cut", "whole"]
    assert list(whole.seams) == ["y"] and whole.seams["y"]["verdict"] == "whole"
    assert clear_one.seams["x"] == {"figure": 0.0, "verdict": "not opaque"}
    found = gallery_table.search(engine, Wanted(job=4, seam="cut"))
    assert [one.id for one in found.found] == [cut.id] and found.total == 1
    assert variations.settings(cut)["seamless"] == "both"
    assert "seamless" not in variations.settings(plain)


def test_they_are_told_in_words() -> None:
    cut, open = {"figure": 1.4, "verdict": "cut"}, {"figure": 0.0, "verdict": "not opaque"}
    whole = {"figure": 0.617, "verdict": "whole"}
    assert seam_verdicts.told({"y": cut, "x": whole}) == "X fits (0.62), Y cut (1.40)"
    assert "can't tell" in seam_verdicts.told({"x": open})
    said = seam_verdicts.counted([{}, {"x": whole}, {"x": cut, "y": whole}, {"x": open}])
    assert said == (
        "1 of 3 seamless pictures fits at the edges, 1 is cut, "
        "1 can't be told: transparent at the border."
    )
    assert seam_verdicts.counted([{}]) == ""


def test_the_marks_of_plain_pictures_are_those_of_before() -> None:
    from studio.diffusion.sampling import Draw

    told = picture_files.recipe_of(PLAIN)
    assert not {"seamless", "fill", "mask", "reading"} & set(told)
    name = style_drawing.file_name(PLAIN, "", Draw(), 0)
    assert name == "props-v1-a-wall-3-0000-e3ccca"
    assert style_drawing.file_name(MADE, "", Draw(seamless="both"), 0) != name
    assert "Tiling: True" in picture_files.parameters(MADE, (32, 32))
