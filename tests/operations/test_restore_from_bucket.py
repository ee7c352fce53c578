"""A backup whose records name files in a bucket, put back where there is none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.errors import StudioError
from studio.operations import backup_archive, restore
from studio.operations.backup import back_up
from studio.operations.moved_files import Compared, name_of
from studio.outbox.files import New, Stored, as_stored
from studio.settings import Settings
from studio.store.place import Place
from studio.tracking import version_files
from tests.furnished import NOW, quiet
from tests.operations.test_backup_archive import changed
from tests.tracking.test_addresses import BUCKET, readdress
from tests.tracking.written_records import lost, named, told, write_down


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_records_come_home_from_the_bucket(
    place: Callable[[str, str], Settings], tmp_path: Path, kind: str
):
    old, new = place("old", kind), place("new", kind)
    told(old)
    write_down(old, (1, 2))
    write_down(old, (3,), style="Old Items")
    readdress(old, old.artifacts, BUCKET)
    made = back_up(old, tmp_path / "kept.tar", NOW, quiet)

    def of_bucket(members: dict[str, bytes], manifest: dict[str, Any]) -> None:
        form = backup_archive.format_of(manifest.get("mlflow", ""), BUCKET)
        manifest.update(format=form, bucket=BUCKET)

    file = changed(made.file, of_bucket)
    assert restore.check(file).bucket == BUCKET
    restore.restore(new, file, NOW, quiet)
    assert all(one.startswith(new.artifacts.as_uri()) for one in named(new))
    assert len(named(new)) == len(named(old)) and lost(new) == []
    assert version_files.flaw(new.artifacts / "Old Items" / "models" / "m-3" / "artifacts") == ""


def test_a_bucket_that_does_not_answer_ends_a_restore_before_it_begins(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told(here)
    write_down(here)
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    away = Place("s3", "art", "", "http://127.0.0.1:9", "us-east-1")
    home = tmp_path / "new"
    new = dataclasses.replace(here, home=home, artifacts=home / "mlruns", store=away)
    with pytest.raises(StudioError, match="does not answer"):
        restore.restore(new, made.file, NOW, quiet)
    assert [path.name for path in home.iterdir()] == ["restore.lock"]


def test_keys_that_lead_out_of_the_folder_are_no_names():
    assert name_of("mlflow/items/r1/artifacts/a b.png") == "items/r1/artifacts/a b.png"
    for key in ("mlflow/", "mlflow/../x", "mlflow//etc/x", "mlflow/a/../../x", "mlflow/a//b"):
        assert name_of(key) == ""


def test_what_was_read_back_is_known_after_a_kill(tmp_path: Path):
    def stored(number: int, key: str = "") -> Stored:
        return as_stored(New(f"generated/{number}.png", f"{number:064d}", 1, key), NOW)

    read = Compared(tmp_path / "cache" / "read.txt")
    assert not read.has(stored(1))
    read.add([stored(1), stored(2, "mlflow/Old Items/MLmodel")])
    with read.file.open("a") as kept:
        kept.write("\n" + f"{3:064d} objects/00/000")  # torn off
    again = Compared(read.file)
    assert again.has(stored(1)) and again.has(stored(2, "mlflow/Old Items/MLmodel"))
    assert not again.has(stored(2)) and not again.has(stored(3))
    again.add([stored(4)])
    assert Compared(read.file).has(stored(4))
    again.forget()
    assert not Compared(read.file).has(stored(1))
