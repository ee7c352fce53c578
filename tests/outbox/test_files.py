"""The outbox's rows: noted with what names them, sent once, put off where they can't be read."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from studio.assets import files as asset_files
from studio.assets import records
from studio.database import engine as db
from studio.errors import StudioError
from studio.outbox import files, place
from studio.outbox.files import New, Tally
from studio.store.bucket import key_of
from studio.store.place import Place

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
IN_S3 = Place("s3", "our-art", "one/")
ONE = New("generated/a.png", hashlib.sha256(b"a").hexdigest(), 1)
TWO = New("mlruns/x/MLmodel", hashlib.sha256(b"b").hexdigest(), 2, key="mlflow/x/MLmodel")


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def in_bucket(engine: Engine) -> Engine:
    place.note(engine, IN_S3, NOW)
    return engine


def add(engine: Engine, *new: New, now: datetime = NOW) -> None:
    with db.writing(engine) as connection:
        files.add(connection, new, now)


def test_a_file_is_read_to_be_noted(tmp_path: Path) -> None:
    (tmp_path / "generated").mkdir()
    (tmp_path / ONE.path).write_bytes(b"a")
    assert files.read(tmp_path, ONE.path) == ONE
    whole = str(tmp_path / ONE.path)  # of what lies outside of the studio's folder
    assert files.read(tmp_path / "home", whole, TWO.key) == New(whole, ONE.hash, 1, TWO.key)


def test_in_a_folder_alone_nothing_is_noted(engine: Engine) -> None:
    assert place.note(engine, Place(), NOW) is None
    add(engine, ONE)
    assert list(files.every(engine)) == [] and files.tally(engine) == Tally(0, 0, 0, 0, "")


def test_a_file_waits_until_it_is_up(in_bucket: Engine) -> None:
    add(in_bucket, ONE, TWO)
    add(in_bucket, ONE, now=NOW + timedelta(hours=1))  # as it is noted already
    first, second = files.due(in_bucket, NOW, 9)
    assert (first.path, first.key) == (ONE.path, key_of(ONE.hash))
    assert (second.path, second.key, second.at) == (TWO.path, TWO.key, first.at)
    assert files.tally(in_bucket) == Tally(0, 2, 0, 3, first.at)
    with db.writing(in_bucket) as connection:
        files.note_up(connection, [first], NOW)
    assert files.is_up(in_bucket, ONE.path) and not files.is_up(in_bucket, TWO.path)
    assert files.paths_of(in_bucket, ONE.hash) == [ONE.path]
    assert files.paths_of(in_bucket, TWO.hash) == []
    assert files.tally(in_bucket).up == 1


def test_one_of_other_bytes_goes_up_anew(in_bucket: Engine) -> None:
    add(in_bucket, ONE)
    (before,) = files.due(in_bucket, NOW, 9)
    changed = New(ONE.path, hashlib.sha256(b"other").hexdigest(), 5)
    add(in_bucket, changed)
    with db.writing(in_bucket) as connection:
        files.note_up(connection, [before], NOW)  # of before: not what is noted now
    (now,) = files.due(in_bucket, NOW, 9)
    assert (now.hash, now.bytes, now.state) == (changed.hash, 5, "waiting")


def test_what_can_not_be_read_is_tried_seldomer(in_bucket: Engine) -> None:
    add(in_bucket, ONE)
    moment, pauses = NOW, []
    for _ in range(14):
        (one,) = files.due(in_bucket, moment, 9)
        with db.writing(in_bucket) as connection:
            files.put_off(connection, one, "can't be read", moment)
        later = moment
        while not files.due(in_bucket, later, 9):
            later += timedelta(seconds=1)
            if later - moment > timedelta(seconds=64):
                later = moment + timedelta(hours=1)
        pauses.append((later - moment).total_seconds())
        moment = later
    assert pauses[:5] == [2, 4, 8, 16, 32] and pauses[-1] == 3600
    assert files.find(in_bucket, ONE.path).said == "can't be read"
    with db.writing(in_bucket) as connection:
        files.put_off(connection, files.find(in_bucket, ONE.path), "is gone", NOW, gone=True)
    assert files.tally(in_bucket).gone == 1
    assert files.due(in_bucket, NOW + timedelta(days=1), 9) == []
    files.send_again(in_bucket, [ONE.path], NOW)
    assert [one.tries for one in files.due(in_bucket, NOW, 9)] == [0]
    files.forget(in_bucket, [ONE.path])
    assert files.find(in_bucket, ONE.path) is None


def test_more_than_fit_into_a_statement(in_bucket: Engine) -> None:
    many = [New(f"generated/{k}.png", f"{k:064x}", 1) for k in range(1_200)]
    add(in_bucket, *many)
    add(in_bucket, *many)
    assert len(files.of_paths(in_bucket, [one.path for one in many])) == 1_200
    files.forget(in_bucket, [one.path for one in many[1:]])
    assert [one.path for one in files.every(in_bucket)] == ["generated/0.png"]


def test_an_asset_and_its_files_are_noted_together(in_bucket: Engine, tmp_path: Path) -> None:
    file = tmp_path / "generated" / "gem.glb"
    file.parent.mkdir()
    file.write_bytes(b"glTF")
    new = records.New("prop", "gem", {"mesh": (file, asset_files.read(file))})
    records.put(in_bucket, [new], by="ana", now=NOW)
    assert [one.path for one in files.due(in_bucket, NOW, 9)] == ["generated/gem.glb"]
    orphan = records.New("prop", "b", {"mesh": (file, asset_files.read(file))}, ("nobody",))
    files.forget(in_bucket, ["generated/gem.glb"])
    with pytest.raises(StudioError, match="no asset"):
        records.put(in_bucket, [orphan], by="ana", now=NOW)
    assert list(files.every(in_bucket)) == []  # refused, nothing of it is noted


def test_a_place_is_noted_once_and_not_left_behind(in_bucket: Engine) -> None:
    known = place.note(in_bucket, IN_S3, NOW)
    assert known is not None and known == place.noted(in_bucket) and len(known.id) == 16
    for other in (Place(), Place("s3", "others", "one/"), Place("s3", "our-art", "two/")):
        with pytest.raises(StudioError, match="Files of this studio are in s3://our-art/one/"):
            place.note(in_bucket, other, NOW)
    with db.writing(in_bucket) as connection:
        place.forget(connection)
    assert place.note(in_bucket, Place(), NOW) is None


def test_trouble_is_said_once_and_since_when(in_bucket: Engine) -> None:
    before = db.revision(in_bucket)
    for minute in range(3):
        trouble = StudioError("It is away.", "Wait.")
        place.say(in_bucket, trouble, NOW + timedelta(minutes=minute))
    told = place.noted(in_bucket)
    assert (told.said, told.remedy, told.since[:16]) == ("It is away.", "Wait.", "2026-05-01T12:00")
    assert db.revision(in_bucket) == before + 1
    place.say(in_bucket, None, NOW + timedelta(minutes=9))
    told = place.noted(in_bucket)
    assert (told.said, told.since, told.answered_at[:16]) == ("", "", "2026-05-01T12:09")
    assert db.revision(in_bucket) == before + 2


def test_a_tally_reads_no_row_of_what_is_up(in_bucket: Engine) -> None:
    if db.is_postgres(in_bucket):
        pytest.skip("SQLite tells its plan in words")
    add(in_bucket, ONE, TWO)
    seen = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    sa.event.listen(in_bucket, "before_cursor_execute", note)
    assert files.tally(in_bucket).waiting == 2
    sa.event.remove(in_bucket, "before_cursor_execute", note)
    ((statement, parameters),) = seen
    with in_bucket.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = [row[-1] for row in rows]
    found = [line for line in plan if "stored_files" in line]
    assert len(found) == 3 and all("INDEX stored_files_due (state=?)" in line for line in found)
    assert sum("COVERING" in line for line in found) == 2
