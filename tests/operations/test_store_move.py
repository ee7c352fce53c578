"""A studio moved into a bucket and back, on a real server, by processes that die on the way."""

from __future__ import annotations

import dataclasses
import hashlib
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.operations import restore, store_move
from studio.operations.backup import back_up
from studio.outbox import files
from studio.outbox.place import noted as place_noted
from studio.settings import Settings
from studio.store import partial_files
from studio.store.bucket import MARK, Bucket
from studio.store.place import Place
from tests.furnished import NOW, quiet
from tests.operations import moving
from tests.operations.moving import Move, fill, kept
from tests.tracking.written_records import named

pytestmark = pytest.mark.slow
SPREAD = 8  # kills of each way that are spread over the bucket's calls
# Beside those: what is noted, what the records say, what is written down, what is forgotten.
FIRST = {"s3": [("INSERT INTO stored_files", 3)], "folder": list[tuple[str, int]]()}
LAST = {
    "s3": [("UPDATE runs", 1), ("INSERT INTO ledger", 1)],
    "folder": [("UPDATE runs", 1), ("DELETE FROM stored_files", 1)],
}
NEVER = "nothing that is ever done"


@pytest.fixture
def quick(here: Settings, in_s3: Place) -> Settings:
    """A small studio that is to go into the bucket."""
    fill(here, 30)
    return dataclasses.replace(here, store=in_s3)


def engine_of(settings: Settings):
    return db.open_database(settings.home, settings.database_url)


def moves(settings: Settings) -> list[str]:
    """What the ledger says of moves."""
    engine = engine_of(settings)
    said = [row.reason for row in ledger.rows(engine) if row.action == store_move.ACTION]
    assert ledger.flaws(engine) == []
    engine.dispose()
    return said


def rows(settings: Settings) -> dict[str, str]:
    """Key of every file that is noted, by its path."""
    engine = engine_of(settings)
    found = {one.path: one.key for one in files.every(engine)}
    engine.dispose()
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("kind", "count"), [("sqlite", 10_000), ("postgres", 400)])
def test_killed_at_twenty_moments_all_is_there_and_back(
    place: Callable[[str, str], Settings], in_s3: Place, tmp_path: Path, kind: str, count: int
) -> None:
    studio = place("old", kind)
    fill(studio, count)
    before, addresses = kept(studio), sorted(named(studio))
    with moving.moves(dataclasses.replace(studio, store=in_s3), tmp_path / "said.txt") as move:
        kills = killed(move, "s3", 2 * count)  # each picture is sent, then read back
        code, told = move("s3", 10**9, NEVER)
        noted = rows(studio)
        (said,) = moves(studio)
        assert code == 0 and told["flaws"] == [] and told["files"] == len(noted)
        assert noted.keys() >= before.keys() and f"{len(noted):,} files" in said
        keys = {key for key, _ in Bucket(in_s3).listing()}
        assert keys == {*noted.values(), MARK}
        now = named(studio)
        assert len(now) == len(addresses)
        assert all(one.startswith(f"s3://{in_s3.bucket}/one/mlflow/") for one in now)

        for path in before:  # half of the pictures, and MLflow's files, are in the bucket alone
            if path.startswith(("generated/", "mlruns/")):
                (studio.home / path).unlink()
        kills += killed(move, "folder", count // 2 + count)  # brought; then all are taken away
        code, told = move("folder", 10**9, NEVER)
        assert code == 0 and told["flaws"] == [] and told["files"] == len(noted)
    assert kills >= 20
    partial_files.sweep(studio.home, time.time() + partial_files.QUIET_S + 1)  # as the watcher does
    assert kept(studio) == before and sorted(named(studio)) == addresses
    assert list(Bucket(in_s3).listing()) == [] and rows(studio) == {}
    assert len(moves(studio)) == 2


def killed(move: Move, to: str, calls: int) -> int:
    """Begin a move again and again, which dies at what is done first, then each time some of its
    calls further on, then at what is done once all is on the other side. How often it died."""
    each = calls // (SPREAD + 4)  # those under way when it dies are done and not counted
    spread = [("bucket.", each)] * SPREAD
    moments = [*FIRST[to], *spread, *LAST[to]]
    for word, left in moments:
        code, _ = move(to, left, word)
        assert code == -signal.SIGKILL, (to, word)
    return len(moments)


def test_what_the_folder_need_not_hold_goes_once_it_was_read_back(quick: Settings) -> None:
    small = dataclasses.replace(quick, store=dataclasses.replace(quick.store, local=1))
    before = kept(quick)
    found = store_move.into_bucket(small, NOW, quiet)
    left = kept(quick)
    assert left == {name: hash for name, hash in before.items() if name.endswith(".json")}
    assert found.taken == len(before) - len(left) and found.flaws == []
    back = store_move.into_folder(small, NOW, quiet)
    assert kept(quick) == before and back.carried == found.taken and back.left == 0


def test_what_others_wrote_and_what_was_deleted_since(quick: Settings) -> None:
    store_move.into_bucket(quick, NOW, quiet)
    draft = quick.home / "datasets" / "items" / "0123456789ab.json"
    draft.unlink()  # as a draft is discarded
    bucket, data = Bucket(quick.store), b"logged by a notebook"
    bucket.send("mlflow/props/r9/artifacts/note.txt", data, _sha(data))
    found = store_move.into_folder(quick, NOW, quiet)
    assert (quick.artifacts / "props" / "r9" / "artifacts" / "note.txt").read_bytes() == data
    assert not draft.exists() and (found.left, found.flaws) == (1, [])
    assert len(list(bucket.listing())) == 1


def test_damaged_there_a_file_is_sent_again_or_stays_and_is_named(quick: Settings) -> None:
    bucket = Bucket(quick.store)
    store_move.into_bucket(quick, NOW, quiet)
    (path, key), (other, gone) = [
        one for one in rows(quick).items() if one[0].startswith("generated/")
    ][:2]
    size = bucket.size(key)
    assert size is not None
    spoilt = b"x" * size
    bucket.send(key, spoilt, _sha(spoilt))
    assert store_move.into_bucket(quick, NOW, quiet).flaws == []
    bucket.send(key, spoilt, _sha(spoilt))
    for one in (path, other):
        (quick.home / one).unlink()
    bucket.remove(gone)
    found = store_move.into_folder(quick, NOW, quiet)
    assert sorted(found.flaws) == sorted(
        [
            f"{path} was changed in the bucket ({key}), where it stays.",
            f"{other} is neither in the folder as it was noted nor in the bucket.",
        ]
    )
    assert [one for one, _ in bucket.listing()] == [key] and found.left == 1


def test_another_studios_bucket_and_none_are_refused(
    quick: Settings, place: Callable[[str, str], Settings]
) -> None:
    store_move.into_bucket(quick, NOW, quiet)
    other = dataclasses.replace(place("other", "sqlite"), store=quick.store)
    fill(other, 2)
    with pytest.raises(StudioError, match="another studio"):
        store_move.into_bucket(other, NOW, quiet)
    alone = dataclasses.replace(other, store=Place())
    with pytest.raises(StudioError, match="STUDIO_STORE is folder"):
        store_move.into_folder(alone, NOW, quiet)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_has_what_the_bucket_alone_has(
    place: Callable[[str, str], Settings], in_s3: Place, tmp_path: Path, kind: str
) -> None:
    studio = place("old", kind)
    fill(studio, 30)
    before = kept(studio)
    moved = dataclasses.replace(studio, store=dataclasses.replace(in_s3, local=1))
    store_move.into_bucket(moved, NOW, quiet)
    assert len(kept(studio)) == 1
    made = back_up(moved, tmp_path / "kept.tar", NOW, quiet)
    assert made.missing == [] and made.files >= len(before)

    alone = place("alone", kind)
    restore.restore(alone, made.file, NOW, quiet)
    assert kept(alone) == before and rows(alone) == {}
    assert all(one.startswith(alone.artifacts.as_uri()) for one in named(alone))
    _no_place(alone)

    there = dataclasses.replace(
        place("there", kind), store=dataclasses.replace(in_s3, prefix="two/")
    )
    restore.restore(there, made.file, NOW, quiet)
    assert kept(there) == before and rows(there).keys() >= before.keys()
    assert all(one.startswith(f"s3://{in_s3.bucket}/two/mlflow/") for one in named(there))
    # What the first studio has there is untouched, and a filled place is refused.
    assert {key for key, _ in Bucket(in_s3).listing()} == {*rows(studio).values(), MARK}
    late = dataclasses.replace(place("late", kind), store=in_s3)
    with pytest.raises(StudioError, match="holds files already.*STUDIO_STORE_PREFIX"):
        restore.restore(late, made.file, NOW, quiet)

    bucket, spoilt = Bucket(in_s3), b"spoilt"
    bucket.remove(next(key for key in rows(studio).values() if key.endswith("/MLmodel")))
    (gone,) = back_up(moved, tmp_path / "lacking.tar", NOW, quiet).missing
    assert "is not in the bucket" in gone
    lost, changed, *_ = [key for path, key in rows(studio).items() if path.startswith("generated/")]
    bucket.remove(lost)
    bucket.send(changed, spoilt, _sha(spoilt))
    told = back_up(moved, tmp_path / "more.tar", NOW, quiet).missing
    assert len(told) == 3 and gone in told
    assert any(f"is not in the bucket ({lost})" in one for one in told)
    assert any(f"{changed} was changed" in one for one in told)


def _no_place(settings: Settings) -> None:
    engine = engine_of(settings)
    assert place_noted(engine) is None
    engine.dispose()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
