"""Files on their way into a real bucket and back: nothing is lost, whatever is in the way."""

import dataclasses
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.assets import records
from studio.context import open_records
from studio.database import dump
from studio.errors import StudioError
from studio.outbox import files, landing, place
from studio.outbox.sender import Sender
from studio.settings import load_settings
from studio.store import bucket as bucket_module
from studio.store import local
from studio.store.bucket import Bucket, key_of
from studio.store.bucket_errors import Away, Refused
from studio.store.place import Place
from tests.outbox.stage import Stage
from tests.services import radosgw

pytestmark = pytest.mark.slow


def test_settings_alone_open_a_studio_with_its_bucket(in_s3: Place, tmp_path: Path) -> None:
    given = {
        "STUDIO_HOME": str(tmp_path),
        "STUDIO_STORE": "s3",
        "STUDIO_STORE_BUCKET": in_s3.bucket,
        "STUDIO_STORE_PREFIX": "one",
        "STUDIO_STORE_ENDPOINT": in_s3.endpoint,
        "STUDIO_STORE_REGION": "us-east-1",
    }
    settings = load_settings(given)
    assert settings.store == in_s3
    engine, _ = open_records(settings)
    try:
        bucket = local.bucket_of(settings.home)
        assert bucket is not None and bucket.place == in_s3
        assert os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] == "when_required"
        assert os.environ["AWS_RESPONSE_CHECKSUM_VALIDATION"] == "when_required"
        (tmp_path / "reasons.yaml").write_text("- too dark")
        assert Sender(engine, settings.home, bucket).round() == 1
        with pytest.raises(StudioError, match="STUDIO_STORE is folder"):
            open_records(dataclasses.replace(settings, store=Place()))
    finally:
        local.detach(settings.home)
        engine.dispose()


def test_all_that_is_kept_goes_up_once(stage: Stage) -> None:
    drawn = stage.draw(70)
    assert stage.waits() == 70
    (stage.home / "gates").mkdir()
    (stage.home / "gates" / "items.yaml").write_text("kid: 1")
    assert stage.round() == 71 and stage.waits() == 0
    assert stage.round() == 0
    held = set(stage.bucket.digests())
    assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in drawn} < held
    assert len(held) == 71
    told = place.noted(stage.engine)
    assert told is not None and told.answered_at and not told.said


def test_a_bucket_that_hangs_holds_nobody_up_and_all_catches_up(
    stage: Stage, gateway: radosgw.Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 1)
    stage.draw(3)
    stage.round()
    with gateway.stopped():
        stage.draw(40)
        began = time.monotonic()
        with pytest.raises(Away) as away:
            stage.round()
        stage.sender._tell(away.value)
        assert time.monotonic() - began < 30  # not once for each file
        assert stage.waits() == 40
        told = place.noted(stage.engine)
        assert told is not None and "does not answer" in told.said and told.since
        with pytest.raises(Away):
            stage.round()
    assert stage.round() == 40 and stage.waits() == 0
    told = place.noted(stage.engine)
    assert told is not None and not told.said
    assert len(set(stage.bucket.digests())) == 43


def test_it_goes_on_by_itself_through_an_outage(
    stage: Stage, gateway: radosgw.Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 1)
    thread = threading.Thread(target=stage.sender.go, daemon=True)
    thread.start()
    try:
        stage.draw(5)
        assert comes(lambda: stage.waits() == 0)
        with gateway.stopped():
            stage.draw(5)
            assert comes(lambda: bool(place.noted(stage.engine).said))
            assert stage.waits() == 5
        assert comes(lambda: stage.waits() == 0)
        assert comes(lambda: not place.noted(stage.engine).said)
    finally:
        stage.sender.ended.set()
        thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize("bad", ["absent", "another's", "wrong secret"])
def test_a_bad_bucket_is_told_and_nothing_is_lost(
    staged, in_s3: Place, gateway: radosgw.Gateway, owner: radosgw.Keys, monkeypatch, bad: str
) -> None:
    where = in_s3
    if bad == "absent":
        where = dataclasses.replace(in_s3, bucket=f"{in_s3.bucket}-x")
    elif bad == "another's":
        Bucket(in_s3).claim("f" * 16)
    else:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret-key")
    stage = staged(where)
    stage.draw(2)
    with pytest.raises(Refused) as refused:
        stage.round()
    stage.sender._tell(refused.value)
    assert stage.waits() == 2
    told = place.noted(stage.engine)
    assert told is not None and told.said == refused.value.message and told.remedy
    client = radosgw.client(gateway, owner)
    if bad == "absent":
        client.create_bucket(Bucket=where.bucket)
    elif bad == "another's":
        client.delete_object(Bucket=in_s3.bucket, Key="one/studio.json")
    else:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", owner.secret)
    assert stage.round() == 2 and stage.waits() == 0


def test_a_file_that_went_or_changed_holds_no_other_up(stage: Stage) -> None:
    gone, changed, whole = stage.draw(3)
    gone.unlink()
    changed.write_bytes(b"by hand")
    stage.sender.looked = float("inf")  # nobody looks: the rows are as they were
    assert stage.sender.round() == 1
    told = files.of_paths(stage.engine, [_name(stage, f) for f in (gone, changed, whole)])
    states = [told[_name(stage, file)].state for file in (gone, changed, whole)]
    assert states == ["gone", "waiting", "up"]
    assert "was changed" in told[_name(stage, changed)].said
    assert stage.round() == 1  # found with its new bytes


def test_what_was_written_where_it_lay_is_found_within_the_hour(stage: Stage) -> None:
    folder = stage.home / "gates"
    folder.mkdir()
    (folder / "items.yaml").write_text("kid: 1")
    os.utime(folder, (time.time() - 60,) * 2)
    assert stage.round() == 1
    (folder / "items.yaml").write_text("kid: 2")  # the folder's time stays
    os.utime(folder / "items.yaml", (time.time() + 5,) * 2)
    assert stage.round() == 0
    stage.sender.whole = float("-inf")
    assert stage.round() == 1


def test_a_full_disk_under_the_database_loses_nothing(stage: Stage) -> None:
    stage.draw(5)
    stage.round()
    folder = stage.home / "prompts" / "items"
    folder.mkdir(parents=True)
    for number in range(400):
        (folder / f"{number}.yaml").write_text(f"prompt {number}")

    sqlite3.connect(stage.home / "studio.db").execute("VACUUM")  # no page is free

    def full(connection, record) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(stage.engine, "connect", full)
    stage.engine.dispose()
    with pytest.raises((sa.exc.OperationalError, StudioError), match="full"):
        stage.round()
    sa.event.remove(stage.engine, "connect", full)
    stage.engine.dispose()
    assert stage.round() == 400 and stage.waits() == 0
    assert len(set(stage.bucket.digests())) == 405


def test_what_was_sent_and_not_noted_is_there_once(
    stage: Stage, gateway: radosgw.Gateway, owner: radosgw.Keys, monkeypatch
) -> None:
    client = radosgw.client(gateway, owner)

    def written() -> dict[str, datetime]:
        told = client.list_objects_v2(Bucket=stage.bucket.place.bucket, Prefix="one/objects/")
        return {one["Key"]: one["LastModified"] for one in told["Contents"]}

    stage.draw(4)
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(files, "note_up", _killed)
        stage.round()
    first = written()
    assert any(at.microsecond for at in first.values())  # told finely enough to be compared
    assert stage.waits() == 4 and stage.round() == 4
    assert len(first) == 4 and written() == first  # none was written, and paid, twice


def test_with_workers_elsewhere_a_row_names_what_is_up(staged, in_s3: Place) -> None:
    stage = staged(dataclasses.replace(in_s3, elsewhere=True))
    (file,) = stage.draw(1)
    assert files.is_up(stage.engine, _name(stage, file))
    assert stage.bucket.get(hashlib.sha256(file.read_bytes()).hexdigest()) == file.read_bytes()
    ahead = stage.home / "generated" / "ahead.png"
    ahead.write_bytes(b"ahead")
    landing.send_ahead(stage.home, [ahead])
    assert stage.bucket.has(hashlib.sha256(b"ahead").hexdigest())


def test_with_workers_elsewhere_no_row_names_what_is_not(staged, in_s3: Place) -> None:
    stage = staged(dataclasses.replace(in_s3, elsewhere=True, endpoint="http://127.0.0.1:9"))
    with pytest.raises(Away):
        stage.draw(1)
    assert records.keys_of(stage.engine, "picture") == set()


def test_with_workers_elsewhere_nothing_goes_to_another_studios_place(staged, in_s3: Place) -> None:
    Bucket(in_s3).claim("f" * 16)
    stage = staged(dataclasses.replace(in_s3, elsewhere=True))
    with pytest.raises(Refused, match="another studio"):
        stage.draw(1)
    assert list(stage.bucket.digests()) == []


def test_no_signature_is_in_the_database(stage: Stage) -> None:
    (file,) = stage.draw(1)
    stage.round()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert "X-Amz-Signature=" in stage.bucket.link(key_of(digest), "gem.png", "image/png")
    with stage.engine.connect() as connection:
        lines = [line for t in dump.tables(connection) for line in dump.lines(connection, t)]
    said = b"".join(lines)
    assert digest.encode() in said and b"Signature" not in said and b"AWS4" not in said


def comes(looked_for: Callable[[], bool]) -> bool:
    """Whether it is so within a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if looked_for():
            return True
        time.sleep(0.1)
    return False


def _name(stage: Stage, file: Path) -> str:
    return file.relative_to(stage.home).as_posix()


def _killed(*given: object) -> None:
    raise RuntimeError("killed before it was noted")
