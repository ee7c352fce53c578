"""Which pictures are shown, what is said about a set, and how two versions differ."""

import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import (
    comparison,
    duplicate_groups,
    edits,
    exports,
    pictures,
    statistics,
    versions,
    warnings,
)
from studio.datasets.edits import Edit
from studio.datasets.folder_import import import_folder
from studio.datasets.freeze import change
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.picture_filter import Wanted, pick
from studio.datasets.pictures import Picture
from studio.errors import StudioError


def thing(number: int, **values: object) -> Picture:
    given = {
        **{"hash": f"{number:064x}", "file_name": f"{number}.png", "caption": "a big thing"},
        **{"category": "", "width": 32, "height": 32, "has_alpha": True, "caption_by": "file"},
        **{"source": "", "author": "", "licence": "CC0"},
    }
    return Picture(**{**given, **values})  # type: ignore[arg-type]


THINGS = (
    thing(0, caption="a red Potion", category="potion"),
    thing(1, caption="a potion", category="potion", tags=("rare",)),
    thing(2, caption="sword blue", category="sword", caption_by="name", licence=""),
    thing(3, category="", file_name="sub/red-hat.png"),
    thing(4, category="sword", licence=""),
)
EDITS = (
    Edit(THINGS[3].hash, "caption", "a hat", "bo", "t", 1),
    Edit(THINGS[4].hash, "removed", True, "bo", "t", 2),
)
GROUPS = ((THINGS[4].hash, THINGS[0].hash, THINGS[3].hash),)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [0, 1, 2, 3, 4]),
        (Wanted(words="RED"), [0, 3]),
        (Wanted(words="red potion"), [0]),
        (Wanted(words="rare"), [1]),
        (Wanted(category="sword"), [2, 4]),
        (Wanted(category=""), [3]),
        (Wanted(tag="rare"), [1]),
        (Wanted(show="no-caption"), [2]),
        (Wanted(show="short-caption"), [1, 2, 3]),
        (Wanted(show="no-licence"), [2]),
        (Wanted(show="alike"), [0, 3]),
        (Wanted(show="changed"), [3, 4]),
        (Wanted(show="removed"), [4]),
        (Wanted(words="nothing of the kind"), []),
        (Wanted(words="potion", category="sword"), []),
    ],
)
def test_a_filter_picks(wanted: Wanted, numbers: list[int]) -> None:
    rows = edits.applied(THINGS, EDITS)
    assert [int(row.picture.hash, 16) for row in pick(rows, wanted, GROUPS)] == numbers


def test_a_set_is_counted_and_warned_of() -> None:
    many = [
        thing(i, category="sword" if i % 10 else "", tags=("a", "b")[: i % 3]) for i in range(30)
    ]
    many[5] = replace(many[5], width=64)
    many[6] = replace(many[6], licence="", caption_by="name")
    found = statistics.numbers(many, ((many[0].hash, many[1].hash, "f" * 64),))
    assert found.categories == (("sword", 27), ("", 3))
    assert found.tags == (("a", 20), ("b", 10))
    assert found.sizes == (((32, 32), 29), ((64, 32), 1))
    assert found.words == ((3, 30),) and found.alike == 2
    said = {w.show: w.says for w in found.warnings if w.show != "all"}
    assert said == {
        "no-caption": "1 picture without a caption.",
        "alike": "2 pictures nearly like another one.",
        "no-licence": "1 picture without a licence.",
    }
    rest = [w.says for w in found.warnings if w.show == "all"]
    assert rest == [
        "sword holds 90% of the pictures.",
        "2 sizes, the longer side from 32 to 64 pixels.",
    ]
    assert found.warnings[0].category == "sword"


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("", 0),
        ("... - !", 0),
        ("gem", 1),
        ("a gem", 2),  # an article is a word
        ("the big gem", 3),
        ("a wizard's hat, well-worn", 4),
        ("青い薬", 3),  # nobody puts spaces between these
    ],
)
def test_words_are_counted_as_people_count_them(caption: str, words: int) -> None:
    picture = thing(0, caption=caption)
    assert pictures.caption_words(picture) == words
    assert pictures.short_caption(picture) is (words < pictures.SHORT_WORDS)
    assert statistics.numbers([picture], None).words == ((words, 1),)


def test_small_pictures_are_named_by_what_they_are_small_for() -> None:
    many = [thing(i, width=512, height=300) for i in range(5)]
    few = [thing(7, width=20, height=12), thing(8, width=128, height=90)]
    said = warnings.size_remarks([*many[:1], *few], [*many, *few], Look())
    assert [line.split(": ")[1] for line in said] == ["7.png (20 x 12).", "8.png (128 x 90)."]
    assert "the smallest base draws" in said[0] and "mostly have 512 pixels" in said[1]
    (said_of_size,) = warnings.size_remarks(few, [*many, *few], Look(size=256))
    assert "Smaller than 256 pixels, the set's size" in said_of_size
    assert warnings.size_remarks(many, [*many, *few], Look()) == []


def test_a_good_set_has_no_warning_and_a_small_one_has() -> None:
    good = [thing(i, category="xy"[i % 2]) for i in range(20)]
    assert statistics.numbers(good, ()).warnings == ()
    few = statistics.numbers(good[:5], None)
    assert [w.says for w in few.warnings] == ["Only 5 pictures."] and few.alike is None
    assert statistics.numbers([], None).pictures == 0


def test_two_versions_are_compared() -> None:
    def version(*pictures: Picture, **given: object) -> DatasetVersion:
        return DatasetVersion("x", "d", "t", Look(), pictures, None, **given)  # type: ignore[arg-type]

    before = version(*THINGS)
    after = version(
        replace(THINGS[0], caption="new"),
        replace(THINGS[1], tags=()),
        replace(THINGS[2], hash="e" * 64),
        THINGS[3],
        thing(9),
    )
    found = comparison.compare(before, after)
    assert [p.file_name for p in found.added] == ["9.png"]
    assert [p.file_name for p in found.removed] == ["4.png"]
    assert found.redrawn == ((THINGS[2], after.pictures[2]),)
    assert [(a.caption, b.caption) for a, b in found.captions] == [("a red Potion", "new")]
    assert [comparison.unlike(a, b) for a, b in found.otherwise] == [["tags"]]
    assert not found.same and not found.look
    assert comparison.compare(before, before).same
    assert comparison.compare(before, replace(before, look=Look(size=64))).look


def test_near_duplicates_are_kept_and_grouped(tmp_path: Path, now: datetime) -> None:
    art, home = tmp_path / "art", tmp_path / "home"
    art.mkdir()
    y, x = np.mgrid[:96, :96]
    drawn = np.dstack([x * 2, y * 2, (x + y) // 2, np.full_like(x, 255)]).astype(np.uint8)
    for n, name in enumerate(["a", "b", "c"]):
        Image.fromarray(drawn[..., :3] // 2 + np.uint8(n)).save(art / f"{name}.png")
    Image.fromarray(255 - drawn[..., :3]).save(art / "other.png")
    version = import_folder(home, "x", art, now=now, actor="ana").version
    assert duplicate_groups.known(home, version.pictures) is None
    told: list[tuple[int, int]] = []
    found = duplicate_groups.find(
        home, version.pictures, lambda done, all: told.append((done, all))
    )
    names = {p.hash: p.file_name for p in version.pictures}
    assert [sorted(names[h] for h in group) for group in found] == [["a.png", "b.png", "c.png"]]
    assert told[-1] == (4, 4)
    assert duplicate_groups.known(home, version.pictures) == found
    kept = list((home / "cache" / "alike").iterdir())
    kept[0].write_text("damaged")
    versions.picture_path(home, version.pictures[0].hash).unlink()  # its print is kept
    assert duplicate_groups.find(home, version.pictures) == found


def test_a_download_is_read_again_by_an_import(
    tmp_path: Path, items: DatasetVersion, now: datetime
) -> None:
    home = tmp_path / "home"
    red = next(p.hash for p in items.pictures if "red" in p.file_name)

    def make(before: DatasetVersion | None) -> tuple[Look, list[Picture]]:
        assert before is not None
        return before.look, [
            replace(p, caption='a "red"\u2028 potion', tags=("x", "y"), author="Ana", category="c")
            if p.hash == red
            else p
            for p in before.pictures
        ]

    version = change(home, "items", make, now=now + timedelta(1), actor="ana")
    pieces = list(exports.zipped(home, version))
    assert max(map(len, pieces)) < 3000
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as made:
        assert made.testzip() is None
        made.extractall(tmp_path / "out")
    assert exports.file_name(version) == f"items-{version.version}.zip"
    again = import_folder(home, "again", tmp_path / "out", now=now, actor="ana").version
    assert [replace(p, caption_by="") for p in again.pictures] == [
        replace(p, caption_by="", caption=" ".join(p.caption.split())) for p in version.pictures
    ]
    versions.picture_path(home, red).unlink()
    with pytest.raises(StudioError, match="not in the store"):
        list(exports.zipped(home, version))
