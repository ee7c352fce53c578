"""`sheet`: made of files and of the gallery, cut, shown, exported, and what is refused."""

import json

import pytest
from PIL import Image

from studio import context
from studio.cli import main, sheet
from studio.jobs import queue
from studio.settings import load_settings
from studio.sheets import effects, packing, phases
from studio.sheets.formats import aseprite, texturepacker
from studio.sheets.packing import Packing
from studio.workflows import animation_files
from tests.sheets.drawn import same, walk, walker, with_normals


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        home = ["--home", str(tmp_path / "home"), "--user", "ana"]
        code = main.main(["sheet", *map(str, words), "--json", *home])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return asked


@pytest.fixture
def pictures(tmp_path):
    out = []
    for k, stride in enumerate((4, 1, -3)):
        out.append(tmp_path / f"step{k}.png")
        walker(stride).save(out[-1])
    return out


def opened(tmp_path):
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def test_pictures_become_a_sheet_that_is_shown_and_exported(said, pictures, tmp_path):
    words = "--name walk --duration 83 --tag walk:1:3:pingpong --pivot 11.5,30".split()
    code, made = said("make", *pictures, *words, "--way", "grid", "--out", tmp_path / "out")
    assert code == 0, made
    names = {"walk.png", "walk.aseprite", "walk-atlas.json"}
    assert {file.name for file in (tmp_path / "out").iterdir()} == names
    code, told = said("show", made["sheet"])
    assert code == 0 and [one["duration_ms"] for one in told["frames"]] == [83] * 3
    (tag,) = told["tags"]
    assert (tag["name"], tag["first"], tag["last"], tag["direction"]) == ("walk", 0, 2, "pingpong")
    assert told["pivot"] == [11.5, 30.0] and told["placed"]["packing"]["way"] == "grid"
    code, found = said(
        *("export", made["sheet"], "--out", tmp_path / "game"),
        *("--format", "gif,apng", "--name", "hero"),
    )
    assert code == 0 and "83 ms became 80 ms" in found["remarks"][0]
    assert {file.name for file in (tmp_path / "game").iterdir()} == {"hero.gif", "hero.apng"}
    code, found = said("export", made["sheet"], "--out", tmp_path / "odd", "--name", "con")
    assert code == 0 and (tmp_path / "odd" / "con_.png").is_file()


def test_files_of_editors_and_engines_come_with_all_that_they_say(said, tmp_path):
    made = walk("hero")
    (tmp_path / "hero.aseprite").write_bytes(aseprite.write(made))
    placed = packing.pack(made, Packing())
    placed.image.save(tmp_path / "atlas.png")
    (tmp_path / "atlas.json").write_text(texturepacker.write(made, placed, "atlas.png"))
    for file in ("hero.aseprite", "atlas.json"):
        code, told = said("make", tmp_path / file)
        assert code == 0, told
        studio = opened(tmp_path)
        kept = animation_files.get(studio.engine, studio.home, told["sheet"]).animation
        assert same(kept, made) and (kept.tags, kept.slices) == (made.tags, made.slices)


def test_one_picture_moves(said, pictures, tmp_path):
    code, told = said("make", pictures[0], "--motion", "spin", "--set", "frames=5", "--detach")
    assert code == 0, told
    (job,) = queue.listing(opened(tmp_path).engine, kind="sheet")
    assert job.payload["motion"] == {
        "motion": "spin",
        "frames": 5,
        "duration_ms": 80,
        "mirrored": 1,
    }


def test_a_sheet_is_cut(said, tmp_path):
    strip = Image.new("RGBA", (74, 32))
    for k in range(2):
        strip.paste(walker(k + 1), (k * 25, 0))
    strip.save(tmp_path / "strip.png")
    code, told = said("cut", tmp_path / "strip.png", "--cell", "24x32", "--spacing", "1")
    assert code == 0 and told["frames"] == 2
    code, told = said("cut", tmp_path / "strip.png", "--cell", "23x32")
    assert code == 2 and "don't divide a sheet of 74" in told["error"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "frames=5"], "--set needs --motion"),
        (["--tag", "walk"], "is no tag"),
        (["--tag", "walk:0:1"], "is no tag"),
        (["--slice", "hand"], "is not understood"),
        (["--slice", "hand:0,0,2,2:edges=1"], "is no slice"),
        (["--slice", "hand:0,0,2,x"], "x"),
        (["--slice", "hand:0,0,2,2.5"], "2.5"),
        (["--slice", "pivot:0,0,2,2"], "No slice may be called"),
        (["--tag", "walk:1:9"], "goes from frame 0 to 8"),
        (["--pivot", "3"], "is not understood"),
        (["--motion", "dance"], "no motion 'dance'"),
        (["--motion", "spin", "--set", "frames"], "is no setting"),
        (["--detach", "--out", "x"], "With --detach"),
        (["--palette", "nobody"], "nobody"),
    ],
)
def test_what_is_not_understood_is_said(said, pictures, words, says):
    code, told = said("make", pictures[0], *words)
    assert code == 2 and says in told["error"], told
    assert told["remedy"]


def test_another_format_and_what_is_no_sheet_are_named(said, tmp_path):
    code, told = said("export", "gone", "--out", tmp_path, "--format", "fla")
    assert code == 2 and "no format 'fla'" in told["error"]
    code, told = said("show", "gone")
    assert code == 2 and "no asset 'gone'" in told["error"]


def test_slices_and_how_often_a_tag_is_played_are_told(said, pictures):
    words = ["--slice", "panel:2,2,20,20:borders=3,4,5,6:pivot=1,2:frame=2"]
    code, made = said("make", *pictures, *words, "--tag", "walk:1:3:reverse:2")
    assert code == 0, made
    _, told = said("show", made["sheet"])
    (one,) = told["slices"]
    assert one == {
        "name": "panel",
        "box": [2, 2, 20, 20],
        "borders": [3, 4, 5, 6],
        "pivot": [1, 2],
        "frame": 1,
    }
    assert (told["tags"][0]["direction"], told["tags"][0]["repeat"]) == ("reverse", 2)


def test_a_normal_sheet_comes_back_with_its_json(said, tmp_path):
    made = with_normals(walk("hero"))
    (tmp_path / "hero.aseprite").write_bytes(aseprite.write(made))
    code, told = said("make", tmp_path / "hero.aseprite", "--out", tmp_path / "game")
    assert code == 0 and (tmp_path / "game" / "hero-normal.png").is_file()
    code, told = said("make", tmp_path / "game" / "hero-atlas.json")
    assert code == 0, told
    studio = opened(tmp_path)
    back = animation_files.get(studio.engine, studio.home, told["sheet"]).animation
    assert len(back.normals) == 4 and same(back, made)


def test_two_files_are_one_animation_with_the_tags_of_both(said, tmp_path):
    for name in ("walk", "run"):
        (tmp_path / f"{name}.aseprite").write_bytes(aseprite.write(walk(name)))
    code, made = said("make", tmp_path / "walk.aseprite", tmp_path / "run.aseprite")
    assert code == 0 and made["frames"] == 8, made
    _, told = said("show", made["sheet"])
    assert [(one["first"], one["last"]) for one in told["tags"]] == [(0, 3), (1, 3), (4, 7), (5, 7)]
    assert told["name"] == "walk" and told["pivot"] == [11.5, 30.0]


def test_a_flipbook_becomes_rows_of_a_dataset_with_their_phase(said, pictures):
    words = ["--flipbook", "--effect", "black", "--name", "fire"]
    code, made = said("make", *pictures, *words)
    assert code == 0, made
    _, told = said("show", made["sheet"])
    assert told["effect"] == "black" and not told["placed"]["packing"]["trim"]
    assert told["book"] == {"columns": 2, "rows": 2, "width": 24, "height": 32}
    words = ["--caption", "fire burst", "--phases", "3", "--on-black", "--licence", "CC0-1.0"]
    code, done = said("to-dataset", made["sheet"], "effects", *words)
    assert code == 0 and len(done["new"]) == 3 and done["left"] == 0
    assert done["captions"] == [f"fire burst, phase {k} of 3" for k in (1, 2, 3)]
    code, told = said("to-dataset", "gone", "effects")
    assert code == 2 and "no asset 'gone'" in told["error"]


def test_what_the_command_line_repeats_is_as_the_studio_has_it():
    assert sheet.BLENDS == effects.WAYS
    words = ["sheet", "to-dataset", "x", "y"]
    assert main.parser().parse_args(words).phases == phases.USUAL
    assert main.parser().parse_args([*words, "--phases", str(phases.MOST)]).phases == phases.MOST


def test_a_motion_is_as_slow_as_it_is_asked(said, pictures):
    code, made = said("make", pictures[0], "--motion", "hover", "--duration", "83")
    assert code == 0, made
    _, told = said("show", made["sheet"])
    assert {one["duration_ms"] for one in told["frames"]} == {83}


def test_a_cell_of_half_a_pixel_is_refused(said, pictures):
    code, told = said("cut", pictures[0], "--cell", "24.5x32")
    assert code != 0 and "24.5" in told["error"]
