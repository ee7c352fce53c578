"""What measures the walks of a published game: which are found, their bars, and spoilt ones."""

import json
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import walks
from tests.characters_drawn import CYCLE, cell


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A folder as BrowserQuest's `client`: a figure that walks, and one that only hops."""
    side = cell(0).width
    (tmp_path / "sprites").mkdir()
    (tmp_path / "img" / "1").mkdir(parents=True)
    for name, strides in (("hero", CYCLE), ("stone", [0] * len(CYCLE))):
        sheet = Image.new("RGBA", (len(CYCLE) * side, 2 * side))
        for column, stride in enumerate(strides):
            sheet.paste(cell(stride), (column * side, side))
        sheet.save(tmp_path / "img" / "1" / f"{name}.png")
        rows = {"idle_down": {"length": 2, "row": 0}, "walk_down": {"length": len(CYCLE), "row": 1}}
        told = {"id": name, "width": side, "height": side, "animations": rows}
        (tmp_path / "sprites" / f"{name}.json").write_text(json.dumps(told))
    (tmp_path / "sprites" / "gone.json").write_text(json.dumps({"id": "gone"}))
    return tmp_path


def test_walks_are_found_by_name_and_held_against_the_bars(client: Path) -> None:
    found = list(walks.walks(client))
    assert [(name, len(frames)) for name, frames in found] == [
        ("hero walk_down", len(CYCLE)),
        ("stone walk_down", len(CYCLE)),
    ]
    told = walks.measured(found)
    assert all(told["names"]["hero walk_down"].values())
    assert not told["names"]["stone walk_down"]["frames"]  # all of them are alike
    assert (told["walks"], told["all"]) == (2, 1)
    assert told["spoilt"]["all frames alike"] == {"caught": 2, "of": 2}
    assert told["spoilt"]["a frame in the air"]["of"] == 2


def test_a_folder_without_walks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["walks.py", str(tmp_path)])
    assert walks.main() == 2
    assert "There is no walk" in capsys.readouterr().err


def test_what_is_lifted_over_the_upper_edge_does_not_come_back_below() -> None:
    tall = Image.new("RGBA", (8, 16), "red")
    raised = walks.lifted([tall, tall], [])[1]
    assert raised.getbbox() == (0, 0, 8, 16 - walks.LIFT)
