"""What measures walk sheets of others: rows of a grid, tags of a file, and counts of the bars."""

import json

import pytest
from PIL import Image

from benchmarks import walks
from studio.sheets.formats import aseprite
from tests.characters_drawn import CYCLE, cell
from tests.sheets.drawn import walk


@pytest.fixture
def folder(tmp_path):
    side = cell(0).width
    sheet = Image.new("RGBA", (9 * side, 2 * side))
    for column, stride in enumerate((0, *CYCLE)):
        sheet.paste(cell(stride), (column * side, 0))
        sheet.paste(cell(2), (column * side, side))
    (tmp_path / "lpc").mkdir()
    sheet.save(tmp_path / "lpc" / "hero.png")
    (tmp_path / "hero.aseprite").write_bytes(aseprite.write(walk()))
    (tmp_path / "torn.gif").write_bytes(b"nothing")
    return tmp_path


def test_each_row_and_each_tag_is_a_cycle(folder, capsys):
    side = cell(0).width
    found = walks.cycles(folder, (side, side), False, 1)
    assert [one.name for one in found] == [
        *("hero.aseprite walk", "hero.aseprite there and back"),
        *("lpc/hero.png row 1", "lpc/hero.png row 2"),
    ]
    assert [one.figures.frames for one in found][2:] == [8, 8]
    assert "torn.gif" in capsys.readouterr().err
    met = walks.bars(found[2:])
    assert met == {
        "frames": 1,
        "head and torso": 2,
        "limbs": 1,
        "ground line": 2,
        "loop": 1,
        "all": 1,
    }
    assert walks.spread(found[2:])["ground_off"] == [0, 0, 0]


def test_the_command_tells_a_table_or_json(folder, capsys):
    assert walks.main([str(folder), "--columns", "9", "--rows", "2", "--from", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["met"]["all"] >= 1 and len(told["cycles"]) == len(set(map(str, told["cycles"])))
    assert walks.main([str(folder), "--cell", f"{cell(0).width}x{cell(0).width}"]) == 0
    assert "head and torso" in capsys.readouterr().out


def test_bad_input_is_named(tmp_path, capsys):
    for words, said in (
        ([], "holds no cycle"),
        (["--cell", "wide"], "--cell is 'wide'"),
        (["--from", "-1"], "--from is '-1'"),
    ):
        assert walks.main([str(tmp_path), *words]) == 2
        assert said in capsys.readouterr().err
