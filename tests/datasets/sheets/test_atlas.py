"""JSON beside a sheet, by Aseprite and TexturePacker: each frame as it was before packing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.datasets.sheets import atlas
from studio.errors import StudioError


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(1, 256, (height, width, 4), np.uint8)
    return Image.fromarray(pixels, "RGBA")


def entry(x: int, y: int, w: int, h: int, **more: Any) -> dict[str, Any]:
    return {"frame": {"x": x, "y": y, "w": w, "h": h}, **more}


def packed(frames: object, **meta: Any) -> bytes:
    return json.dumps({"frames": frames, "meta": {"image": "hero.png", **meta}}).encode()


def cut(data: bytes, sheet: Image.Image, picture: str = "hero.png") -> list[Any]:
    found = atlas.read(data, "hero.json")
    assert found is not None
    pieces = atlas.of(found, picture, "hero.json")
    assert pieces is not None
    return list(atlas.cut(sheet, pieces, "hero.json"))


TAGS = [{"name": "walk", "from": 0, "to": 1}, {"name": "run", "from": 2, "to": 2}]


@pytest.mark.parametrize("listed", [False, True])
def test_frames_as_a_table_or_a_list_with_tags(listed: bool) -> None:
    sheet = noise(6, 2)
    rows = {f"hero {k}.aseprite": entry(2 * k, 0, 2, 2, duration=100) for k in range(3)}
    frames = [{"filename": name, **row} for name, row in rows.items()] if listed else rows
    found = cut(packed(frames, frameTags=TAGS), sheet)
    assert [(one.number, one.tag, one.label) for one in found] == [
        (1, "walk", ""),
        (2, "walk", ""),
        (3, "run", ""),
    ]
    assert found[1].picture.tobytes() == sheet.crop((2, 0, 4, 2)).tobytes()


def test_a_trimmed_frame_goes_back_to_its_place() -> None:
    sheet = noise(3, 2)
    row = entry(1, 0, 2, 2, trimmed=True, sourceSize={"w": 8, "h": 6})
    row["spriteSourceSize"] = {"x": 5, "y": 3, "w": 2, "h": 2}
    (found,) = cut(packed({"a": row}, app="https://www.aseprite.org/"), sheet)
    pixels = np.asarray(found.picture)
    assert pixels.shape == (6, 8, 4) and (pixels[3:5, 5:7] == np.asarray(sheet)[:, 1:]).all()
    pixels = pixels.copy()
    pixels[3:5, 5:7] = 0
    assert not pixels.any()


def test_a_turned_frame_is_turned_back_before_it_is_placed() -> None:
    """As TexturePacker turns: clockwise; width and height are those of before."""
    upright = noise(5, 2, seed=3)
    sheet = Image.new("RGBA", (9, 9))
    sheet.paste(upright.transpose(Image.Transpose.ROTATE_270), (4, 1))
    row = entry(4, 1, 5, 2, rotated=True, sourceSize={"w": 7, "h": 4})
    row["spriteSourceSize"] = {"x": 1, "y": 2, "w": 5, "h": 2}
    (found,) = cut(packed({"items/potion red.png": row}), sheet)
    assert found.picture.crop((1, 2, 6, 4)).tobytes() == upright.tobytes()
    assert (found.label, found.tag) == ("potion red", "items")


def test_a_name_with_a_dot_is_not_cut_short() -> None:
    rows = {"potion v1.2": entry(0, 0, 1, 1), "b/x.PNG": entry(0, 0, 1, 1)}
    assert [one.label for one in cut(packed(rows), noise(2, 2))] == ["potion v1.2", "x"]


def test_sheets_of_several_files_know_theirs() -> None:
    textures = [
        {"image": f"pack-{k}.png", "frames": [{"filename": f"{k}.png", **entry(0, 0, 2, 2)}]}
        for k in range(2)
    ]
    data = json.dumps({"textures": textures}).encode()
    (found,) = cut(data, noise(2, 2), "art/Pack-1.png")
    assert found.label == "1"
    told = atlas.read(data, "hero.json")
    assert told is not None and atlas.of(told, "hero.png", "hero.json") is None


def test_a_json_called_like_the_picture_means_it() -> None:
    found = atlas.read(packed({"a": entry(0, 0, 1, 1)}, image="old name.png"), "hero.json")
    assert found is not None
    assert atlas.of(found, "x/hero.png", "x/hero.json") and not atlas.of(found, "b.png", "a.json")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1, 2]",
        b"{" * 100_000,
        b"\xff\xfe{",
        b'{"frames": 12}',
        b'{"frames": ["a"]}',
        b'{"frames": {}}',
        b'{"hero.png": {"caption": "a knight"}}',
    ],
)
def test_other_json_is_none_of_ours(data: bytes) -> None:
    assert atlas.read(data, "x.json") is None


@pytest.mark.parametrize(
    "row",
    [
        entry(-1, 0, 2, 2),
        entry(0, 0, 0, 2),
        entry(0, 0, 2.5, 2),
        entry(0, 0, float("nan"), 2),
        entry(0, 0, True, 2),
        {"frame": {"x": 0, "y": 0}},
        {"frame": None},
        entry(0, 0, 2, 2, sourceSize={"w": 1, "h": 1}),
        entry(0, 0, 2, 2, spriteSourceSize={"x": 7, "y": 0}, sourceSize={"w": 8, "h": 8}),
        entry(0, 0, 2, 2, sourceSize=[1]),
    ],
)
def test_a_frame_without_a_place_is_named(row: dict[str, Any]) -> None:
    with pytest.raises(StudioError, match="frame 2 has no place"):
        atlas.read(packed([entry(0, 0, 1, 1), row]), "hero.json")


def test_frames_beyond_the_sheet_or_too_large_are_named() -> None:
    with pytest.raises(StudioError, match="frame 1 lies beyond the edge of the sheet of 4 x 4"):
        cut(packed({"a": entry(3, 0, 2, 2)}), noise(4, 4))
    huge = entry(0, 0, 2, 2, sourceSize={"w": 100_000, "h": 100_000})
    with pytest.raises(StudioError, match="more than 64,000,000 pixels"):
        cut(packed({"a": huge}), noise(4, 4))
