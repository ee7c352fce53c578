"""Files that nobody noted are found: what belongs in the bucket, and nothing else."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.outbox import files, looking, place
from studio.store.place import Place

KEPT = (
    "backups/studio-0025.db",
    "backups/studio-2026-08-01.tar",
    "datasets/items/abc.json",
    "datasets/pictures/ab/abcd.png",
    "generated/items/v3/7/gem.png",
    "generated/items/v3/7/untouched/gem.png",
    "gates/items.yaml",
    "reasons.yaml",
    "runs/items/r1/previews/step-000020-0.png",
    "store/ab/abcd",
)
LEFT = (
    "backups/.0123456789abcdef.77.part",
    "backups/notes.txt",
    "backups/older/studio.tar",
    "cache/thumbnails/1/ab/x.webp",
    "datasets/.items.lock",
    "generated/items/v3/8/.forming.png",
    "generated/items/v3/8/.0123456789abcdef.77.part",
    "jobs/7/log.txt",
    "machine/files/ab/abcdef",
    "machine/tokens.json",
    "machines.seal",
    "mlruns/items/models/m/artifacts/MLmodel",
    "runs/items/r1/record.json",
    "serve.log",
    "runs/items/r1/checkpoints/20/adapter.safetensors",
    "mlflow.db-journal",
    "sweeps/items/s1/study.db",
    "uploads/1/files/a.png",
)


@pytest.fixture
def engine(tmp_path: Path):
    engine = db.open_database(tmp_path)
    place.note(engine, Place("s3", "our-art"), datetime.now(UTC))
    yield engine
    engine.dispose()


def put(home: Path, name: str, text: str = "x", old: bool = True) -> Path:
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if old:  # a folder that has just changed is looked into again
        for folder in (file.parent, *file.parent.parents):
            if folder.is_relative_to(home):
                os.utime(folder, (time.time() - 60,) * 2)
    return file


def look(engine, home: Path, seen: looking.Seen) -> int:
    return looking.take_up(engine, home, seen, datetime.now(UTC), lambda: True)


def test_what_belongs_in_the_bucket_is_found(engine, tmp_path: Path) -> None:
    for name in (*KEPT, *LEFT):
        put(tmp_path, name, name)
    assert look(engine, tmp_path, looking.Seen()) == len(KEPT)
    assert sorted(one.path for one in files.every(engine)) == sorted(KEPT)
    assert all(looking.belongs(name) for name in KEPT)
    assert not [name for name in LEFT if looking.belongs(name)]
    assert look(engine, tmp_path, looking.Seen()) == 0


def test_only_folders_that_changed_are_listed_again(engine, tmp_path: Path, monkeypatch) -> None:
    for name in KEPT:
        put(tmp_path, name)
    seen, listed = looking.Seen(), []
    whole = looking._list

    def noted(folder, name, *rest):
        listed.append(name)
        whole(folder, name, *rest)

    monkeypatch.setattr(looking, "_list", noted)
    look(engine, tmp_path, seen)
    listed.clear()
    time.sleep(0.01)
    put(tmp_path, "generated/items/v3/7/crown.png", old=False)
    assert look(engine, tmp_path, seen) == 1
    assert "generated/items/v3/7" in listed and "datasets/pictures/ab" not in listed
    assert files.find(engine, "generated/items/v3/7/crown.png") is not None


def test_a_file_of_other_bytes_is_noted_anew(engine, tmp_path: Path) -> None:
    file = put(tmp_path, "gates/items.yaml", "kid: 1")
    look(engine, tmp_path, looking.Seen())
    before = files.find(engine, "gates/items.yaml")
    file.write_text("kid: 2")
    os.utime(file, (time.time() + 5,) * 2)
    assert look(engine, tmp_path, looking.Seen()) == 1
    after = files.find(engine, "gates/items.yaml")
    assert after.hash != before.hash and after.state == "waiting"


def test_backups_are_there_by_their_names(engine, tmp_path: Path) -> None:
    put(tmp_path, "backups/studio-2026-08-01.tar", "all")
    look(engine, tmp_path, looking.Seen())
    (one,) = files.every(engine)
    assert (one.path, one.key) == ("backups/studio-2026-08-01.tar",) * 2


def test_a_store_on_a_larger_disk_is_followed_and_no_other_link(engine, tmp_path: Path) -> None:
    disk = tmp_path.with_name(f"{tmp_path.name}-disk")
    put(disk, "ab/abcd")
    (tmp_path / "store").symlink_to(disk)
    (tmp_path / "guides").symlink_to(disk)
    (tmp_path / "passwd.yaml").symlink_to("/etc/passwd")
    look(engine, tmp_path, looking.Seen())
    assert [one.path for one in files.every(engine)] == ["store/ab/abcd"]


def test_what_could_not_be_noted_is_found_the_next_time(
    engine, tmp_path: Path, monkeypatch
) -> None:
    put(tmp_path, "generated/a.png")
    seen = looking.Seen()

    def full(connection, new, now) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(files, "add", full)
        look(engine, tmp_path, seen)
    assert look(engine, tmp_path, seen) == 1
