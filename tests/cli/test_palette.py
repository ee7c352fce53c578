"""`palette`: brought in, shown, decided on, exported; pictures in its ramps and its order."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.database import engine as db
from studio.finishing import indexed, palettes

GPL = """GIMP Palette
# Ramp wood: 1 2 3
# Ramp iron: 4 5 6
# Ramp gold: 7 8
43 26 15 bark
92 58 28
168 120 72
32 36 44
106 112 120
232 240 248
58 36 4
255 240 160
43 26 15
"""


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    db.open_database(home).dispose()
    (tmp_path / "Props.gpl").write_text(GPL)
    return home


@pytest.fixture
def said(home, capsys):
    def asked(*words):
        code = main.main(
            ["palette", *map(str, words), "--json", "--home", str(home), "--user", "a"]
        )
        return code, json.loads(capsys.readouterr().out)

    return asked


def sword(file):
    """Three pixels of wood, one a little off, one clear."""
    rows = [(43, 26, 15, 255), (92, 58, 28, 255), (168, 120, 72, 255), (0, 0, 0, 0)]
    Image.fromarray(np.array([rows], np.uint8)).save(file)
    return file


@pytest.mark.slow
def test_a_file_becomes_a_palette_then_its_next_revision_and_a_file_again(said, home, tmp_path):
    code, found = said("import", tmp_path / "Props.gpl")
    assert (code, found["palette"]["mark"]) == (0, "Props@1")
    assert found["remarks"] == ["Kept once, though there again: #2b1a0f (13)."]
    (tmp_path / "Props.gpl").write_text(GPL + "1 2 3\n")
    assert said("import", tmp_path / "Props.gpl")[1]["palette"]["mark"] == "Props@2"
    assert [one["revision"] for one in said("list")[1]["palettes"]] == [2]
    code, found = said("show", "props@1")
    assert [one["name"] for one in found["palette"]["ramps"]] == ["wood", "iron", "gold"]
    assert found["palette"]["source"] == "Props.gpl" and found["used_by"] == []
    out = tmp_path / "p.hex"
    assert said("export", "props@1", "--format", "hex", "--out", out)[0] == 0
    assert out.read_text().split()[:2] == ["2b1a0f", "5c3a1c"] and len(out.read_text().split()) == 8


@pytest.mark.slow
def test_it_is_approved_locked_and_withdrawn(said, home, tmp_path):
    said("import", tmp_path / "Props.gpl")
    assert said("approve", "props")[1]["palette"]["approved_by"] == "a"
    assert said("lock", "props")[1]["palette"]["locked_by"] == "a"
    (tmp_path / "Props.gpl").write_text(GPL + "1 2 3\n")
    code, found = said("import", tmp_path / "Props.gpl")
    assert code == 2 and "Props is locked by a" in found["error"]
    said("unlock", "props")
    assert said("withdraw", "props")[0] == 0 and said("list")[1]["palettes"] == []
    assert said("bring-back", "props")[1]["palette"]["withdrawn_by"] is None


@pytest.mark.slow
def test_a_ramp_is_swapped_into_variants(said, home, tmp_path):
    said("import", tmp_path / "Props.gpl")
    picture, out = sword(tmp_path / "sword.png"), tmp_path / "out"
    code, found = said(
        "swap", "props", picture, "--from", "wood", "--to", "iron", "--to", "gold", "--out", out
    )
    assert [file.rpartition("/")[2] for file in found["files"]] == [
        "sword_iron.png",
        "sword_gold.png",
    ]
    with Image.open(out / "sword_iron.png") as made:
        assert [made.getpixel((x, 0))[:3] for x in range(3)] == [
            (32, 36, 44),
            (106, 112, 120),
            (232, 240, 248),
        ]
    code, found = said("swap", "props", picture, "--from", "iron", "--to", "gold", "--out", out)
    assert code == 2 and "sword: No pixel has a colour of the ramp iron" in found["error"]
    code, found = said(
        *("swap", "props", picture, "--from", "wood", "--to", "gold", "--out", out, "--indexed")
    )
    table = indexed.read((out / "sword_gold.png").read_bytes(), "s").table
    assert table[1:] == palettes.get(db.open_database(home), "props").colours


def test_pictures_are_written_as_indexed_png(said, home, tmp_path):
    said("import", tmp_path / "Props.gpl")
    picture, out = sword(tmp_path / "sword.png"), tmp_path / "out"
    code, found = said("index", "props", picture, "--transparent", "8", "--out", out)
    made = indexed.read((out / "sword.png").read_bytes(), "s")
    assert made.places.tolist() == [[0, 1, 2, 8]] and made.transparent == 8
    code, found = said("index", "props", picture, "--transparent", "none", "--out", out)
    assert code == 2 and "1 pixels are transparent" in found["error"]


@pytest.mark.slow
def test_no_picture_is_written_over(said, home, tmp_path):
    said("import", tmp_path / "Props.gpl")
    picture = sword(tmp_path / "sword.png")
    before = picture.read_bytes()
    code, found = said("index", "props", picture, "--out", tmp_path)
    assert code == 2 and "is one of the pictures" in found["error"]
    (tmp_path / "b").mkdir()
    other, out = sword(tmp_path / "b" / "sword.png"), tmp_path / "out"
    code, found = said("index", "props", picture, other, "--out", out)
    assert code == 2 and "another picture's" in found["error"]
    assert picture.read_bytes() == other.read_bytes() == before


def test_what_cant_be_brought_in_is_refused(said, home, tmp_path):
    many = tmp_path / "many.hex"
    many.write_text("\n".join(f"{n:06x}" for n in range(4000)))
    code, found = said("import", many)
    assert code == 2 and "many.hex holds 4,000 colours" in found["error"]
    code, found = said("import", many, "--most", "8")
    assert code == 0 and len(found["palette"]["colours"]) == 8
    assert found["remarks"] == ["4,000 colours became 8."]
    assert said("import", tmp_path / "no.hex")[0] == 2
    assert said("show", "none")[0] == 2
