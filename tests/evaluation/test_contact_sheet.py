import json

import pytest
from PIL import Image

from studio.errors import StudioError
from studio.evaluation import contact_sheet

ASKED = [("a gem", 1), ("a gem", 2)]


def _write(home, **more):
    pictures = [Image.new("RGBA", (8, 8), (k, 0, 0, 255)) for k in range(2)]
    folder = contact_sheet.folder_of(home, "items", 3)
    return contact_sheet.write_sheet(
        folder, "items", 3, "c" * 12, ASKED, pictures, pictures, **more
    )


def test_a_sheet_keeps_the_nearest_training_picture_of_each_output(tmp_path):
    near = [("a" * 64, 0.9), ("b" * 64, 0.5)]
    made = _write(tmp_path, nearest=near, finishing="hard alpha")
    read = contact_sheet.read_sheet(contact_sheet.folder_of(tmp_path, "items", 3))
    assert read == made and read.finishing == "hard alpha"
    assert [(c.nearest[0], c.alike) for c in read.cells] == [("a", 0.9), ("b", 0.5)]


def test_a_sheet_from_before_that_is_still_read(tmp_path):
    _write(tmp_path)
    file = contact_sheet.folder_of(tmp_path, "items", 3) / "sheet.json"
    old = json.loads(file.read_text())
    del old["finishing"]
    for cell in old["cells"]:
        del cell["nearest"], cell["alike"]
    file.write_text(json.dumps(old))
    assert contact_sheet.read_sheet(file.parent).finishing == ""
    assert [(c.nearest, c.alike) for c in contact_sheet.read_sheet(file.parent).cells] == [
        ("", 0.0)
    ] * 2


def test_a_sheet_keeps_its_pictures_as_they_were_drawn(tmp_path):
    raw = [Image.new("RGB", (9, 9), (k, 9, 9)) for k in range(2)]
    _write(tmp_path, raw_base=raw, raw_version=raw, finishing="hard alpha")
    folder = contact_sheet.folder_of(tmp_path, "items", 3)
    for name in ("base-001.png", "version-001.png"):
        with Image.open(contact_sheet.as_drawn(folder / name)) as opened:
            assert (opened.mode, opened.size, opened.getpixel((0, 0))) == ("RGB", (9, 9), (1, 9, 9))
        assert contact_sheet.picture_file(tmp_path, "items", 3, f"raw-{name}").is_file()
    _write(tmp_path)  # a version that needs no finishing, and sheets of before
    assert contact_sheet.as_drawn(folder / "base-001.png") == folder / "base-001.png"


def test_pictures_of_a_sheet_are_found_and_nothing_else_is(tmp_path):
    _write(tmp_path)
    for name in ("base-000.png", "version-001.png", "sheet.png"):
        assert contact_sheet.picture_file(tmp_path, "items", 3, name).is_file()
    for style, number, name in (
        ("items", 3, "sheet.json"),
        ("items", 3, "../3/sheet.png"),
        ("items", 3, "version-009.png"),
        ("items", 4, "sheet.png"),
        ("..", 3, "sheet.png"),
    ):
        with pytest.raises(StudioError):
            contact_sheet.picture_file(tmp_path, style, number, name)
