"""`boards`: listed, shown by name or id, and packed."""

import json
import zipfile
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.assets import boards
from studio.cli import main
from studio.database import engine as db
from studio.finishing import indexed, palettes
from studio.finishing.colour_table import ColourTable
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    """Board Forest with a gem of 8 x 8, and an empty one."""
    home = tmp_path / "home"
    engine = db.open_database(home)
    made = Made("props", 2, "pocket", "", "", "a gem", "", "", 7, 9, 2.5, 1.0)
    file = picture_files.keep(home / "generated", "p", Image.new("RGBA", (8, 8), "red"), made)
    ids = gallery_table.record(engine, home, [Kept(file, made)], by="ana", now=NOW)
    board = boards.create(engine, "Forest", "for level 3", by="ana", now=NOW)
    boards.put_on(engine, board.id, ids, by="ana", now=NOW)
    boards.create(engine, "Sea", by="bo", now=NOW)
    engine.dispose()
    return home


@pytest.fixture
def said(home, capsys):
    def asked(*words):
        code = main.main([*words, "--json", "--home", str(home), "--user", "ana"])
        return code, json.loads(capsys.readouterr().out)

    return asked


def test_boards_are_listed_shown_and_packed(said, tmp_path, capsys):
    code, found = said("boards", "list")
    assert code == 0
    assert [(one["name"], one["count"]) for one in found["boards"]] == [("Forest", 1), ("Sea", 0)]
    code, found = said("boards", "show", "forest")
    assert (code, found["board"]["note"]) == (0, "for level 3")
    assert [(one["said"], one["version"]) for one in found["assets"]] == [("a gem", 2)]
    file = tmp_path / "forest.zip"
    id = found["board"]["id"]
    code, found = said("boards", "zip", id, "--out", str(file), "--factor", "4")
    assert (code, found["pictures"]) == (0, 1)
    with zipfile.ZipFile(file) as packed:
        assert packed.namelist() == ["props_7.png"]
        with packed.open("props_7.png") as opened, Image.open(opened) as picture:
            assert picture.size == (32, 32)


def test_a_board_is_packed_in_a_palettes_order(said, home, tmp_path):
    engine = db.open_database(home)
    table = ColourTable(("#0000ff", "#ff0000", "#00ff00"))
    palettes.save(engine, "Game", table, after=0, by="ana", now=NOW)
    engine.dispose()
    file = tmp_path / "forest.zip"
    code, found = said("boards", "zip", "Forest", "--out", str(file), "--indexed", "game@1")
    assert (code, found["pictures"]) == (0, 1)
    with zipfile.ZipFile(file) as packed:
        made = indexed.read(packed.read("props_7.png"), "props_7.png")
    assert made.table[1:] == table.colours and (made.places == 2).all()


def test_what_is_no_board_or_empty_is_refused(said, tmp_path):
    file = tmp_path / "x.zip"
    for board, why in (("Sea", "no picture on 'Sea'"), ("Hill", "no board 'Hill'")):
        code, found = said("boards", "zip", board, "--out", str(file))
        assert code == 2 and why in found["error"] and not file.exists()
