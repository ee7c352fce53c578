"""The benchmark of the methods says what it is meant to say."""

import json

from benchmarks import prop_methods
from tests.props import sprites


def test_a_folder_is_measured_beside_a_plain_extrusion(tmp_path, capsys) -> None:
    sprites.picture(sprites.ARROW).save(tmp_path / "arrow.png")
    sprites.potion().save(tmp_path / "potion.png")
    sprites.Image.new("RGBA", (8, 8)).save(tmp_path / "empty.png")
    code = prop_methods.main([str(tmp_path), "--methods", "card,voxels", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["pictures"] == 3 and set(told["methods"]) == {"card", "voxels", "plain extrusion"}
    for row in told["methods"].values():
        assert row["props"] == 2 and row["triangles"] > 12 and row["kb"] > 0.5
        assert ["empty.png" in one for one in row["refused"]] == [True]
    assert told["methods"]["card"]["closed"] == 1
    assert (code == 1) == bool(told["missed"])


def test_no_picture_is_told(tmp_path, capsys) -> None:
    assert prop_methods.main([str(tmp_path)]) == 2
    assert "no picture" in capsys.readouterr().err
