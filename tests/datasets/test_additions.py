"""What comes to a dataset is added to it; nothing that is there gets lost."""

from datetime import datetime
from pathlib import Path

import pytest

from studio.datasets import additions, versions
from studio.datasets.additions import NewPicture
from studio.datasets.folder_import import import_folder
from studio.datasets.freeze import change
from studio.datasets.manifests import DatasetVersion, Look
from studio.errors import StudioError
from tests.hand_captions import write_caption


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def add(home: Path, now: datetime, folder: Path, **given: object) -> additions.Added:
    return additions.add_folder(home, "items", folder, now=now, actor="bo", **given)  # type: ignore[arg-type]


def test_an_upload_adds_to_the_newest_version(
    home: Path, items: DatasetVersion, sprite, now: datetime, tmp_path: Path
) -> None:
    sprite("sword/new.png", 20, "a new sword", into="more")
    sprite("potion/other-name.png", 0, into="more")  # the red potion's bytes
    (tmp_path / "more" / "bad.png").write_text("no picture")
    found = add(home, now, tmp_path / "more", licence="CC0", source="atelier")
    assert (found.new, found.redrawn) == (("sword/new.png",), ())
    assert found.described == ("potion/red.png",)  # it had no licence before
    assert [r.file for r in found.refused] == ["bad.png"]
    told = {p.file_name: p for p in found.version.pictures}
    assert len(told) == 5 and told["potion/red.png"].licence == "CC0"
    assert told["potion/blue.png"] == items.pictures[0]
    assert found.version.parent == items.digest and found.version.actor == "bo"
    assert found.version.says == "1 added, 1 described anew"
    again = add(home, now, tmp_path / "more", licence="CC0", source="atelier")
    assert again.version == found.version and again.new == again.described == ()
    said = {r.file: r.reason for r in again.refused}
    assert said["potion/other-name.png"] == "it is in the set already, as potion/red.png."


def test_a_picture_drawn_anew_keeps_what_people_wrote(
    home: Path, items: DatasetVersion, sprite, now: datetime, tmp_path: Path
) -> None:
    red = next(p for p in items.pictures if p.file_name == "potion/red.png")
    write_caption(home, "items", red.hash, "a ruby flask", now=now)
    sprite("potion/red.png", 30, "what the file says", into="more")
    sprite("potion/blue.png", 31, "a navy potion", into="more")
    sprite("potion/green.png", 32, into="more")
    found = add(home, now, tmp_path / "more", author="Bo")
    assert set(found.redrawn) == {"potion/red.png", "potion/blue.png", "potion/green.png"}
    told = {p.file_name: (p.caption, p.caption_by, p.author) for p in found.version.pictures}
    assert told == {
        "potion/red.png": ("a ruby flask", "hand", "Bo"),
        "potion/blue.png": ("a navy potion", "file", "Bo"),
        "potion/green.png": ("a green potion", "file", "Bo"),
        "sword/old.png": ("a sword", "file", ""),
    }
    assert found.version.says == "3 redrawn"


def test_both_may_stay(
    home: Path, items: DatasetVersion, sprite, now: datetime, tmp_path: Path
) -> None:
    sprite("potion/red.png", 30, "another", into="more")
    found = add(home, now, tmp_path / "more", same_name="beside", says="From Bo")
    assert found.new == ("potion/red-2.png",) and len(found.version.pictures) == 5
    assert found.version.says == "From Bo: 1 added"


def test_the_first_upload_begins_the_set(home: Path, sprite, now: datetime, tmp_path: Path) -> None:
    sprite("a.png", 1, "a gem")
    (tmp_path / "art" / "metadata.jsonl").write_text('{"file_name": "a.png", "tags": ["x", "y"]}')
    found = add(home, now, tmp_path / "art", look=Look(filter="lanczos"))
    assert found.version == versions.load(home, "items")
    assert (found.version.look.filter, found.version.parent) == ("lanczos", None)
    assert found.version.pictures[0].tags == ("x", "y")
    with pytest.raises(StudioError, match="can't name"):
        additions.add_folder(home, "No Name", tmp_path / "art", now=now, actor="bo")


def test_pictures_from_memory_bring_where_they_are_from(
    home: Path, items: DatasetVersion, sprite, now: datetime
) -> None:
    data = sprite("x.png", 40, into="drawn").read_bytes()
    given = NewPicture(
        data,
        "approved/axe.png",
        "an axe",
        tags=("drawn",),
        source="items v3",
        author="Ana",
        licence="CC0",
    )
    clash = NewPicture(sprite("y.png", 41, into="drawn").read_bytes(), "sword/old.png", "")
    found = additions.add_pictures(home, "items", [given, clash, given], now=now, actor="ana")
    assert found.new == ("approved/axe.png", "sword/old-2.png")
    axe = next(p for p in found.version.pictures if p.file_name == "approved/axe.png")
    assert (axe.caption, axe.source, axe.author, axe.tags) == (
        "an axe",
        "items v3",
        "Ana",
        ("drawn",),
    )
    assert versions.picture_path(home, axe.hash).read_bytes() == data
    for bad in (NewPicture(b"text", "a.png", ""), NewPicture(data, "../a.png", "")):
        with pytest.raises(StudioError):
            additions.add_pictures(home, "items", [bad], now=now, actor="ana")
    with pytest.raises(StudioError, match="no picture to add"):
        additions.add_pictures(home, "items", [], now=now, actor="ana")


def test_importing_the_folder_again_keeps_tags_and_categories(
    home: Path, items: DatasetVersion, now: datetime, tmp_path: Path
) -> None:
    from dataclasses import replace

    def make(before: DatasetVersion | None):  # noqa: ANN202
        assert before is not None
        red, *rest = before.pictures
        return before.look, [replace(red, tags=("rare",), category="flasks"), *rest]

    edited = change(home, "items", make, now=now, actor="ana")
    again = import_folder(home, "items", tmp_path / "art", now=now, actor="ana")
    assert again.version == edited and again.changed == ()
