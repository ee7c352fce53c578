"""A style's usual sizes: written as people do, kept with a row in the ledger, nobody's lost."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.cli.main import main
from studio.database import engine as db
from studio.database import ledger
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.generation import usual_sizes
from studio.generation.usual_sizes import UsualSize

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
HERO, CAVE = UsualSize("hero", Size(32, 48)), UsualSize("background, wide", Size(160, 90))


@pytest.fixture
def engine(tmp_path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def write(engine, new, before=(), by="ana"):
    usual_sizes.write(engine, "props", new, before, by=by, now=NOW)


def test_they_are_kept_in_their_order_with_who_changed_them(engine, tmp_path):
    assert usual_sizes.read(tmp_path, "props") == ()
    write(engine, (HERO, CAVE))
    assert usual_sizes.read(tmp_path, "props") == (HERO, CAVE)
    write(engine, (HERO, CAVE))  # nothing changed
    write(engine, (CAVE,), (HERO, CAVE), by="bo")
    told = [(row.action, row.actor, row.style, row.reason) for row in ledger.rows(engine)]
    assert told == [
        ("change sizes", "ana", "props", "added hero 32 x 48, background, wide 160 x 90"),
        ("change sizes", "bo", "props", "took out hero 32 x 48"),
    ]
    assert usual_sizes.find(tmp_path, "props", " Background, wide") == CAVE.size
    with pytest.raises(StudioError, match="no usual size 'hero'") as refused:
        usual_sizes.find(tmp_path, "props", "hero")
    assert "background, wide" in refused.value.remedy


def test_what_somebody_else_wrote_meanwhile_stays(engine, tmp_path):
    write(engine, (HERO,))
    with pytest.raises(StudioError, match="they are now: hero 32 x 48"):
        write(engine, (CAVE,), (), by="bo")
    with pytest.raises(NotAllowed, match="usual sizes"):
        write(engine, (), (HERO,), by=Actor("eve", "artist"))
    assert usual_sizes.read(tmp_path, "props") == (HERO,)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("hero", 32, 48), ("cave", 32, None)], "the height of cave"),
        ([("hero", 32, 48), ("", None, None), ("", 32, 32)], "Size 3 has a name of 0 characters"),
        ([("hero", 32, 48), ("HERO", 16, 16)], "Two sizes are called 'HERO'"),
        ([("hero", 32, 4)], "the height of hero"),
        ([("hero", 3200, 48)], "the width of hero"),
        ([("64", 32, 32)], "'64' is no name"),
        ([("x" * 41, 32, 32)], "41 characters"),
        ([(f"s{k}", 32, 32) for k in range(25)], "There are 25 sizes"),
    ],
)
def test_what_is_no_size_is_named(rows, said):
    with pytest.raises(StudioError, match=said):
        usual_sizes.checked(rows)


def test_a_file_that_was_broken_by_hand_is_named(tmp_path):
    (tmp_path / "sizes").mkdir()
    (tmp_path / "sizes" / "props.yaml").write_text("sizes: hero")
    with pytest.raises(StudioError, match="props.yaml holds no list of sizes"):
        usual_sizes.read(tmp_path, "props")
    assert usual_sizes.read(tmp_path, "../props") == ()


def test_commands_show_and_change_them(engine, tmp_path, capsys):
    def told(*words, code=0):
        assert main([*words, "--home", str(tmp_path), "--user", "ana"]) == code
        return "".join(capsys.readouterr())

    assert "has no usual sizes" in told("sizes", "props")
    assert "hero  32 x 48" in told("sizes", "props", "--add", "hero=32x48", "--add", "icon=16")
    assert told("sizes", "props", "--remove", "hero") == "icon  16 x 16\n"
    assert "no usual size 'hero'" in told("sizes", "props", "--remove", "hero", code=2)
    assert "'hero32' is no size" in told("sizes", "props", "--add", "hero32", code=2)
    assert usual_sizes.read(tmp_path, "props") == (UsualSize("icon", Size(16, 16)),)
