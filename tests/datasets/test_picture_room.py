"""A folder's pictures have their room before the first is stored; what is there takes none."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from studio.datasets import intake, versions
from studio.datasets.folder_import import import_folder
from studio.datasets.sheets import cutting
from studio.datasets.sheets.requests import Asked
from studio.errors import StudioError
from studio.store import reserved_room
from studio.store.reserved_room import SPARE
from tests.datasets.conftest import NOW


def full(monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    """The disk has this many bytes beside what stays free."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=SPARE + left))


def test_a_folder_for_which_there_is_no_room_stores_nothing(tmp_path, sprite, monkeypatch) -> None:
    for seed in range(3):
        sprite(f"{seed}.png", seed, size=64)
    home, art = tmp_path / "home", tmp_path / "art"
    full(monkeypatch, 1000)
    with pytest.raises(StudioError, match=r"art: the studio's disk is full: .* this takes"):
        import_folder(home, "items", art, now=NOW, actor="ana")
    assert not list((home / "datasets").rglob("*.png")) and versions.list_versions(home) == []
    assert reserved_room.promised(home) == 0


def test_what_is_stored_already_needs_no_room(tmp_path, sprite, monkeypatch) -> None:
    sprite("a.png", 1, size=64)
    home, art = tmp_path / "home", tmp_path / "art"
    import_folder(home, "items", art, now=NOW, actor="ana")
    full(monkeypatch, 0)
    again = import_folder(home, "items", art, now=NOW, actor="ana")
    assert again.new == () and len(again.version.pictures) == 1
    full(monkeypatch, -1)  # nothing is written: less than usual stays free, and yet it goes
    import_folder(home, "items", art, now=NOW, actor="ana")


def test_large_files_are_promised_to_one_import(tmp_path, sprite, monkeypatch) -> None:
    sprite("a.png", 1, size=1200)  # noise: more than what needs no promise
    promised: list[int] = []
    keep = intake.keep

    def kept(store: Path, *words: object, **more: object) -> Path:
        promised.append(reserved_room.promised(store.parents[1]))
        return keep(store, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "keep", kept)
    home = tmp_path / "home"
    import_folder(home, "items", tmp_path / "art", now=NOW, actor="ana")
    assert promised == [(tmp_path / "art" / "a.png").stat().st_size]
    assert reserved_room.promised(home) == 0


def test_frames_of_a_sheet_have_theirs_as_they_are_cut(tmp_path, sprite, monkeypatch) -> None:
    art = sprite("sheet.png", 1, size=64).parent
    Image.new("RGB", (8, 8), "red").save(art / "other.png")
    full(monkeypatch, 100)
    (tmp_path / "cut").mkdir()
    made = cutting.cut_files(tmp_path / "home", art, tmp_path / "cut", Asked(("sheet*=32x32",)))
    (refused,) = made.refused
    assert refused.file == "sheet.png" and "disk is full" in refused.reason
    assert made.at == {} and not list((tmp_path / "cut").iterdir())


def test_a_folder_is_walked_once(tmp_path, sprite, monkeypatch) -> None:
    sprite("sheet.png", 1, size=64)
    found, walked = intake.find, []
    monkeypatch.setattr(intake, "find", lambda folder: walked.append(folder) or found(folder))
    asked = Asked(("sheet*=32x32",))
    made = import_folder(
        tmp_path / "home", "items", tmp_path / "art", asked=asked, now=NOW, actor="ana"
    )
    assert len(made.version.pictures) == 4 and walked == [tmp_path / "art"]
