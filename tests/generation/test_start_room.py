"""Pictures to begin from take room on the disk, and nobody's fill it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.settings import load_settings


def keep(home: Path, colour: str, by: str, size: int = 8) -> Path:
    name = start_pictures.keep_picture(home, Image.new("RGBA", (size, size), colour), by=by)
    return start_pictures.path(home, name)


def test_a_picture_counts_once_for_whoever_brought_it_first(tmp_path: Path):
    assert start_room.held_by(tmp_path, "ana") == 0
    keep(tmp_path, "red", "ana")
    for by in ("ana", "bo"):
        keep(tmp_path, "red", by)
    assert start_room.held_by(tmp_path, "ana") == start_room.LEAST
    assert start_room.held_by(tmp_path, "bo") == 0
    large = Image.effect_noise((128, 128), 90).convert("RGBA")
    file = start_pictures.path(tmp_path, start_pictures.keep_picture(tmp_path, large, by="Zoë/.."))
    assert file.stat().st_size > start_room.LEAST
    assert start_room.held_by(tmp_path, "Zoë/..") == file.stat().st_size


def test_a_mask_counts_too(tmp_path: Path):
    start = keep(tmp_path, "red", "ana").stem
    for _ in range(2):
        start_pictures.keep_mask(tmp_path, Image.new("L", (8, 8), 255), start, by="bo")
    assert start_room.held_by(tmp_path, "bo") == start_room.LEAST


def test_whoever_s_room_is_full_is_told_what_to_do(tmp_path: Path):
    opened = context.open_studio(load_settings({}, home=str(tmp_path)))
    few = replace(opened, settings=replace(opened.settings, most_drawn=start_room.LEAST))
    start_room.check(few, "ana")
    keep(few.home, "red", "ana")
    with pytest.raises(StudioError, match="pictures of ana take") as caught:
        start_room.check(few, "ana")
    assert "STUDIO_MOST_DRAWN" in caught.value.remedy
    start_room.check(few, "bo")
    opened.engine.dispose()
