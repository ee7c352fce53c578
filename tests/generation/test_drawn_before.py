"""Pictures found again by all their settings, and copied under the names of their places."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from studio.diffusion.sampling import Draw
from studio.generation.drawn_before import drawn_before, hand_on
from studio.generation.picture_files import keep
from studio.generation.style_drawing import NOTHING, Loaded, Wish, file_name, made_of

ABOUT = Loaded(
    pipeline=None,
    style="props",
    version=1,
    base="pocket",
    run="r",
    dataset="d@1",
    trigger_word="<GameStyle>",
    strength=1.0,
    matte="#808080",
    crisp=True,
    size=32,
)
DRAW = Draw(steps=4)
WISHES = [Wish("a red gem", 5), Wish("a red gem", 6), Wish("a blue gem", 5)]


def draw(folder: Path, wish: Wish, place: int = 0, size: int | None = 32, **other) -> Path:
    asked = replace(DRAW, width=size, height=size, **other)
    made = made_of(ABOUT, wish, asked, 1.0, NOTHING)
    name = file_name(made, ABOUT.trigger_word, asked, place)
    return keep(folder, name, Image.new("RGBA", (32, 32)), made)


def found(*folders: Path, size: int | None = None):
    return drawn_before(folders, ABOUT, WISHES, replace(DRAW, width=size, height=size), 1.0)


def test_a_picture_is_found_by_all_its_settings(tmp_path: Path) -> None:
    assert found(tmp_path, tmp_path / "nowhere") == [None] * 3
    red = draw(tmp_path / "7", WISHES[0], place=12)
    draw(tmp_path / "7", WISHES[1], steps=5)
    blue = draw(tmp_path, WISHES[2], size=None)  # the base's own size, which only it tells
    draw(tmp_path / "untouched", WISHES[1])
    assert found(tmp_path) == [red, None, blue]
    assert found(tmp_path, size=32) == [red, None, None]
    assert found(tmp_path, size=64) == [None] * 3
    newer = draw(tmp_path / "8", WISHES[0])
    assert found(tmp_path / "8", tmp_path) == [newer, None, blue]
    red.write_bytes(red.read_bytes()[:60])  # half of it is none
    newer.rename(newer.with_name(newer.name[:-5] + "0.png"))
    assert found(tmp_path) == [None, None, blue]


def test_copies_are_named_for_their_places_and_written_once(tmp_path: Path) -> None:
    drawn, out = tmp_path / "drawn", tmp_path / "out"
    files = [draw(drawn, wish) for wish in WISHES]
    (drawn / "untouched").mkdir()
    (drawn / "untouched" / files[2].name).write_bytes(b"as the base drew it")
    copies = hand_on([files[0], None, files[2]], out)
    assert [copy and copy.name[-16:-11] for copy in copies] == ["-0000", None, "-0002"]
    assert copies[0].read_bytes() == files[0].read_bytes()
    assert (out / "untouched" / copies[2].name).read_bytes() == b"as the base drew it"
    times = [copy.stat().st_mtime_ns for copy in copies if copy]
    copies[0].write_bytes(b"half")
    assert hand_on([files[0], None, files[2]], out) == copies
    assert copies[0].read_bytes() == files[0].read_bytes()
    assert copies[2].stat().st_mtime_ns == times[1]
    assert hand_on(copies, out) == copies  # what lies there for its place stays
