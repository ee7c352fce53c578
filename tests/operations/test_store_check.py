"""Database and bucket are compared both ways, and what the folder has still is mended."""

import argparse
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.assets import files as asset_files
from studio.assets import records
from studio.database import engine as db
from studio.errors import StudioError
from studio.operations import doctor, store_check
from studio.outbox import files, opening
from studio.outbox.sender import Sender
from studio.settings import load_settings
from studio.store import local
from studio.store.bucket import key_of
from studio.store.bucket_errors import Refused
from studio.store.place import Place
from tests.services import radosgw


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[SimpleNamespace]:
    engine = db.open_database(tmp_path)
    yield SimpleNamespace(home=tmp_path, engine=engine)
    local.detach(tmp_path)
    engine.dispose()


def quiet(line: str) -> None:
    pass


def test_without_a_bucket_there_is_nothing_to_compare(studio) -> None:
    with pytest.raises(StudioError, match="in its folder alone"):
        store_check.check(studio, quiet)


@pytest.mark.slow
def test_both_ways_each_difference_is_found_and_mended(studio, in_s3: Place) -> None:
    bucket = opening.opened(studio.engine, studio.home, in_s3, datetime.now(UTC))
    assert bucket is not None
    sender = Sender(studio.engine, studio.home, bucket)
    names = [f"gates/{name}.yaml" for name in ("lacking", "lost", "changed", "whole")]
    for name in names:
        (studio.home / "gates").mkdir(exist_ok=True)
        (studio.home / name).write_text(name)
    sender.round()
    found = store_check.check(studio, quiet, read=True)
    assert found.whole and (found.there, found.waiting) == (4, 0)
    rows = files.of_paths(studio.engine, names)
    lacking, lost, changed, _ = (rows[name] for name in names)
    bucket.delete(lacking.hash)
    bucket.delete(lost.hash)
    (studio.home / lost.path).unlink()
    client = bucket._client("")
    wrong = b"x" * changed.bytes  # of the same size
    client.put_object(Bucket=in_s3.bucket, Key=f"one/{changed.key}", Body=wrong)
    nobodys = bucket.put(b"nobody's")
    (studio.home / "gates" / "unnoted.yaml").write_text("new")
    gone = studio.home / "generated" / "gone.png"
    gone.parent.mkdir()
    gone.write_bytes(b"glTF")
    new = records.New("prop", "gone", {"mesh": (gone, asset_files.Content("a" * 64, 4))})
    records.put(studio.engine, [new], by="ana", now=datetime.now(UTC))
    files.forget(studio.engine, ["generated/gone.png"])
    gone.unlink()
    plain = store_check.check(studio, quiet)
    assert plain.changed == []  # nobody read them
    found = store_check.check(studio, quiet, read=True, fix=True)
    assert (found.lacking, found.lost) == ([lacking.path], [lost.path])
    assert (found.changed, found.unnoted) == ([changed.path], ["gates/unnoted.yaml"])
    assert (found.unnamed, found.nobodys) == (["generated/gone.png"], [key_of(nobodys)])
    assert not found.whole and (found.there, found.waiting) == (2, 0)
    sender.round()
    after = store_check.check(studio, quiet, read=True)
    assert (after.lacking, after.unnoted, after.changed) == ([], [], [])
    assert (after.lost, after.unnamed) == ([lost.path], ["generated/gone.png"])
    assert bucket.get(lacking.hash) == lacking.path.encode()


@pytest.mark.slow
def test_a_backup_has_its_name_there_and_is_not_missed_once_it_went(studio, in_s3: Place) -> None:
    bucket = opening.opened(studio.engine, studio.home, in_s3, datetime.now(UTC))
    assert bucket is not None
    backup = studio.home / "backups" / "studio-2026-08-01.tar"
    backup.parent.mkdir(exist_ok=True)
    backup.write_bytes(b"all")
    Sender(studio.engine, studio.home, bucket).round()
    (key,) = (key for key, _ in bucket.listing("backups/"))
    assert key == "backups/studio-2026-08-01.tar"
    backup.unlink()
    assert store_check.check(studio, quiet).whole
    bucket.remove(key)  # as a lifecycle does
    assert store_check.check(studio, quiet).whole


@pytest.mark.slow
def test_doctor_and_command_tell_of_the_bucket(
    in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys, tmp_path: Path, capsys
) -> None:
    from studio.cli import store as command

    settings = dataclasses.replace(load_settings({"STUDIO_HOME": str(tmp_path)}), store=in_s3)
    radosgw.client(gateway, owner).put_bucket_versioning(
        Bucket=in_s3.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    try:
        told = [check for check in doctor.checks(settings) if check.name == "bucket"]
        assert [(one.ok, one.needed) for one in told] == [(True, True), (False, False)]
        assert "0 files are up, 0 wait" in told[0].says and "versioned" in told[1].says
        asked = argparse.Namespace(read=False, fix=False, json=False)
        assert command.check(settings, asked)["exit"] == 0
        assert "0 files are up" in capsys.readouterr().out
        elsewhere = dataclasses.replace(in_s3, endpoint="http://127.0.0.1:9")
        away = dataclasses.replace(settings, store=elsewhere)
        (told_away,) = [check for check in doctor.checks(away) if check.name == "bucket"]
        assert not told_away.ok and "does not answer" in told_away.says
    finally:
        local.detach(tmp_path)


@pytest.mark.slow
def test_another_studios_bucket_is_not_compared(studio, in_s3: Place) -> None:
    bucket = opening.opened(studio.engine, studio.home, in_s3, datetime.now(UTC))
    assert bucket is not None
    bucket.claim("f" * 16)
    with pytest.raises(Refused, match="another studio"):
        store_check.check(studio, quiet)
