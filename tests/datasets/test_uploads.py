"""What a browser sends is written aside, unpacked, and added once."""

import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from studio.database import engine as db
from studio.datasets import duplicate_groups, upload_import, uploads, versions
from studio.errors import StudioError
from studio.store import partial_files, reserved_room


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    engine = db.open_database(home)
    yield engine
    engine.dispose()


@pytest.fixture
def token(home: Path) -> str:
    return uploads.begin(home)


def send(home: Path, token: str, name: str, data: bytes, size: int | None = None) -> None:
    with uploads.receiving(home, token, name, len(data) if size is None else size) as write:
        for at in range(0, len(data), 10):
            write(data[at : at + 10])


def test_files_wait_under_the_names_they_came_with(home: Path, token: str, sprite) -> None:
    data = sprite("a.png", 1).read_bytes()
    send(home, token, "art/a.png", data)
    send(home, token, "art/a.png", data)  # sent once more
    send(home, token, "art\\b.png", sprite("b.png", 2).read_bytes())
    send(home, token, "art/a.txt", b"a gem")
    send(home, token, "art/README.md", b"nobody needs it")
    send(home, token, "art/.DS_Store", b"nor this")
    found = uploads.waiting(home, token)
    assert (found.pictures, found.others) == (("art/a.png", "art/b.png"), ("art/a.txt",))
    assert found.refused == () and found.bytes > 2000
    send(home, token, "art/a.png", sprite("c.png", 3).read_bytes())  # of another folder
    assert uploads.waiting(home, token).pictures[0] == "art/a-2.png"
    assert not list((home / "uploads").rglob("*.part"))


def test_what_is_refused_is_remembered(home: Path, token: str, monkeypatch) -> None:
    for name in ("../../up.png", "/etc/x.png", "run.exe", "x.7z"):
        with pytest.raises(StudioError):
            send(home, token, name, b"x")
    with pytest.raises(StudioError, match=r"has 2\.0 GB; one upload takes up to 1\.0 GB"):
        send(home, token, "big.zip", b"", size=2 * 1024**3)
    with pytest.raises(StudioError, match="did not come whole"):
        send(home, token, "cut.png", b"1234", size=9)
    with pytest.raises(StudioError, match="more came"):
        send(home, token, "more.png", b"1234", size=3)
    send(home, token, "a.png", b"x")
    with pytest.raises(StudioError, match="a file and a folder"):
        send(home, token, "a.png/b.png", b"x")
    monkeypatch.setattr(uploads.archives, "SPARE", 10**18)
    with pytest.raises(StudioError, match="disk is full"):
        send(home, token, "b.png", b"x")
    found = uploads.waiting(home, token)
    assert found.pictures == ("a.png",)
    refused = [r.file for r in found.refused]
    assert refused[:5] == ["../../up.png", "/etc/x.png", "run.exe", "x.7z", "big.zip"]
    assert len(refused) == 9 and all(r.remedy for r in found.refused)
    assert not (home / "up.png").exists() and not list((home / "uploads").rglob("*.part"))


def test_an_upload_has_its_limits(home: Path, token: str, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 25)
    monkeypatch.setattr(uploads, "_tally", lambda folder: (3, 20))
    with pytest.raises(StudioError, match="together"):
        send(home, token, "a.png", b"123456")
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    with pytest.raises(StudioError, match="up to 3 files"):
        send(home, token, "a.png", b"1")


@pytest.mark.parametrize("bad", ["", "x", "../../etc", "0" * 32])
def test_an_upload_that_is_not_there(home: Path, engine: Engine, now: datetime, bad: str) -> None:
    uploads.begin(home)
    for call in (uploads.waiting, uploads.unpacked):
        with pytest.raises(StudioError, match="no longer there"):
            call(home, bad)
    with pytest.raises(StudioError, match="no longer there"):
        send(home, bad, "a.png", b"x")
    with pytest.raises(StudioError, match="no longer there"):
        upload_import.add_upload(engine, home, bad, "items", by="ana", now=now)
    uploads.discard(home, bad)


def test_old_uploads_are_swept(home: Path, token: str) -> None:
    import time

    assert uploads.begin(home, time.time() + uploads.KEPT_S / 2) and uploads.waiting(home, token)
    uploads.begin(home, time.time() + uploads.KEPT_S + 60)
    with pytest.raises(StudioError):
        uploads.waiting(home, token)


def zipped(files: dict[str, bytes], path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path.read_bytes()


def test_zips_and_folders_give_categories(home: Path, token: str, sprite, tmp_path: Path) -> None:
    one, two = sprite("a.png", 1).read_bytes(), sprite("b.png", 2).read_bytes()
    send(home, token, "weapons.zip", zipped({"a.png": one, "../x.png": two}, tmp_path / "z"))
    send(home, token, "food.zip", zipped({"b.png": two}, tmp_path / "z"))
    folder, refused = uploads.unpacked(home, token)
    there = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.png"))
    assert there == ["food/b.png", "weapons/a.png"]
    assert [r.file for r in refused] == ["weapons.zip: ../x.png"]
    assert uploads.unpacked(home, token)[0] == folder  # once more changes nothing

    lone = uploads.begin(home)
    send(home, lone, "all.zip", zipped({"set/food/b.png": two, "set/x/a.png": one}, tmp_path / "z"))
    folder, _ = uploads.unpacked(home, lone)
    assert sorted(p.name for p in folder.iterdir()) == ["food", "x"]

    flat = uploads.begin(home)
    send(home, flat, "weapons/a.png", one)
    folder, _ = uploads.unpacked(home, flat)
    assert [p.name for p in folder.iterdir()] == ["weapons"]


def test_an_upload_is_added_once_and_tells_until_dismissed(
    home: Path, engine: Engine, token: str, sprite, now: datetime
) -> None:
    send(home, token, "a.png", sprite("a.png", 1).read_bytes())
    send(home, token, "b.png", b"no picture")
    with pytest.raises(StudioError):
        send(home, token, "c.exe", b"x")
    given = {"source": "atelier", "by": "ana", "now": now}
    found = upload_import.add_upload(engine, home, token, "items", **given)
    assert (found.new, found.dataset, found.by) == (1, "items", "ana")
    assert [r.file for r in found.refused] == ["c.exe", "b.png"]
    version = versions.load(home, "items")
    assert (version.version, version.pictures[0].source) == (found.version, "atelier")
    assert duplicate_groups.known(home, version.pictures) == ()
    assert upload_import.add_upload(engine, home, token, "items", **given) == found  # clicked twice
    assert len(versions.list_versions(home, "items")) == 1
    assert [p.name for p in (home / "uploads").iterdir()] == []
    assert upload_import.undismissed(engine, "items") == [found]
    upload_import.dismiss(engine, found.id)
    assert upload_import.undismissed(engine, "items") == []


def test_an_upload_without_a_picture_stays_to_be_mended(
    home: Path, engine: Engine, token: str, sprite, now: datetime
) -> None:
    send(home, token, "a.txt", b"a gem")
    with pytest.raises(StudioError, match="no pictures") as caught:
        upload_import.add_upload(engine, home, token, "items", by="ana", now=now)
    assert str(home) not in caught.value.message
    send(home, token, "a.png", sprite("a.png", 1).read_bytes())
    upload_import.add_upload(engine, home, token, "items", by="ana", now=now)
    assert versions.load(home, "items").pictures[0].caption == "a gem"


def test_of_many_uploads_begun_at_once_only_those_are_taken_that_fit(
    home: Path, token: str, monkeypatch
) -> None:
    free = uploads.archives.SPARE + 25 * 1024**2
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    size = 10 * 1024**2
    with ExitStack() as open_:
        for name in ("a.zip", "b.zip"):
            open_.enter_context(pytest.raises(StudioError, match="did not come whole"))
            open_.enter_context(uploads.receiving(home, token, name, size))
        with pytest.raises(StudioError, match=r"room for 5\.0 MB, beside 20\.0 MB"):
            send(home, token, "c.zip", b"", size=size)
    assert reserved_room.promised(home) == 0
    assert uploads.waiting(home, token).refused[0].file == "c.zip"


def test_one_person_holds_no_more_than_their_share(home: Path, monkeypatch) -> None:
    first, second = (uploads.begin(home, by="ana") for _ in range(2))
    theirs = uploads.begin(home, by="bo")
    send(home, first, "a.png", b"x" * 900)
    monkeypatch.setattr(uploads, "_TALLIES", {})
    with pytest.raises(StudioError, match="hold 0.0 MB already") as caught:
        with uploads.receiving(home, second, "b.png", 200, most=1000):
            raise AssertionError
    assert "STUDIO_MOST_UPLOADS" in caught.value.remedy
    with uploads.receiving(home, theirs, "b.png", 1, most=1000) as write:
        write(b"x")
    monkeypatch.setattr(uploads, "MOST_BEGUN", 2)
    with pytest.raises(StudioError, match="have not been added yet"):
        uploads.begin(home, by="ana")
    uploads.discard(home, first, by="ana")
    assert uploads.begin(home, by="ana")


def test_what_a_killed_process_had_taken_so_far_goes_with_the_next(home: Path, token: str) -> None:
    lost = uploads.folder_of(home, token) / ".0123456789abcdef.999999999.part"
    lost.write_bytes(b"half")
    uploads.begin(home)
    assert lost.exists()  # its process may be on another machine, at work
    long_ago = time.time() - partial_files.QUIET_S - 1
    os.utime(lost, (long_ago, long_ago))
    uploads.begin(home)
    assert not lost.exists() and uploads.waiting(home, token)
