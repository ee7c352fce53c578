"""Archives that no studio wrote: each is refused by name, before a byte of it is unpacked."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio.errors import StudioError
from studio.operations import backup_archive, restore
from studio.operations.backup import back_up
from studio.settings import Settings
from tests.furnished import NOW, elsewhere, furnish, quiet

Members = dict[str, bytes]
Change = Callable[[Members, dict[str, Any]], None]


def info(name: str, size: int = 0, type: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.type = size, type
    for key, value in more.items():
        setattr(made, key, value)
    return made


def sparse(file: Path) -> None:
    """3 GB by its head, 40 kB on the disk: GNU's form of a file with a hole."""
    head = bytearray(info("home/hole", 512, tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    size = 3 * 1024**3
    head[386:410] = b"%011o\0%011o\0" % (size - 512, 512)  # where the only data are
    head[483:495] = b"%011o\0" % size
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    file.write_bytes(bytes(head) + bytes(40_960))


def sparse_pax(file: Path) -> None:
    """The same in the form of POSIX."""
    with tarfile.open(file, "w", format=tarfile.PAX_FORMAT) as tar:
        made = info("home/hole", 512)
        made.pax_headers = {
            "GNU.sparse.major": "0",
            "GNU.sparse.minor": "1",
            "GNU.sparse.size": str(3 * 1024**3),
            "GNU.sparse.map": f"{3 * 1024**3 - 512},512",
        }
        tar.addfile(made, io.BytesIO(bytes(512)))


@pytest.mark.parametrize("write", [sparse, sparse_pax])
def test_a_file_with_holes_is_refused_unread(here: Settings, tmp_path: Path, write):
    write(tmp_path / "hole.tar")
    with pytest.raises(StudioError, match="holds 'home/hole', a sparse file.*Use another backup"):
        restore.restore(here, tmp_path / "hole.tar", NOW, quiet)
    assert [path.name for path in here.home.iterdir()] == ["restore.lock"]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([info("home/x", type=tarfile.LNKTYPE, linkname="/etc/passwd")], "x', a hard link"),
        ([info("home/x", type=tarfile.SYMTYPE, linkname="/etc")], "x', a link"),
        ([info("home/x", type=tarfile.CHRTYPE)], "x', a device"),
        ([info("home/x", type=tarfile.BLKTYPE)], "x', a device"),
        ([info("home/x", type=tarfile.FIFOTYPE)], "x', a pipe"),
        ([info("home/x", type=tarfile.DIRTYPE)], "x', a folder"),
        ([info("home/x"), info("home/x/y")], "'home/x/y' below a file"),
        ([info("home/x/y"), info("home/x")], "'home/x'"),
        ([info("home/x"), info("home/x")], "'home/x'"),
        ([info("manifest.json"), info("manifest.json")], "'manifest.json'"),
        ([info("home")], "'home'"),
        ([info("mlflow.db/x")], "'mlflow.db/x'"),
        ([info("rows/mlflow/runs.jsonl")], "'rows/mlflow/runs.jsonl'"),
        ([info("home/" + "x" * 256)], "'home/xxx"),
        ([info("home/studio.db")], "'home/studio.db', which no studio writes"),
        ([info("home/studio.db-wal")], "'home/studio.db-wal', which no studio writes"),
        ([info("home/mlflow.db")], "'home/mlflow.db', which no studio writes"),
        ([info("home/restoring.json")], "'home/restoring.json', which no studio writes"),
        ([info("home/before-restore-1/x")], "which no studio writes"),
        ([info("mlruns/a/registry.lock")], "which no studio writes"),
        ([info("home/cache/latents/x")], "which no studio writes"),
    ],
)
def test_members_that_no_backup_has(here: Settings, tmp_path: Path, members, said: str):
    file = tmp_path / "odd.tar"
    with tarfile.open(file, "w") as tar:
        for one in members:
            tar.addfile(one)
    for read in (restore.check, lambda file: restore.restore(here, file, NOW, quiet)):
        with pytest.raises(StudioError, match=f"holds .*{said}") as caught:
            read(file)
        assert caught.value.remedy == backup_archive.ANOTHER
    assert [path.name for path in here.home.iterdir()] == ["restore.lock"]


@pytest.mark.parametrize("size", [10_000_000_000, 10_240, -1])
def test_a_size_that_is_not_in_the_archive(here: Settings, tmp_path: Path, size: int):
    file = tmp_path / "long.tar"
    head = info("home/x", size).tobuf(tarfile.GNU_FORMAT)
    file.write_bytes(head + bytes(10_239))
    with pytest.raises(StudioError, match="long.tar is no whole backup"):
        restore.restore(here, file, NOW, quiet)
    assert [path.name for path in here.home.iterdir()] == ["restore.lock"]


@pytest.mark.slow
def test_the_room_is_looked_at_first(here: Settings, tmp_path: Path, monkeypatch):
    furnish(here)
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet)
    new = elsewhere(here, tmp_path / "new")
    usage = backup_archive.shutil.disk_usage(tmp_path)
    full = usage._replace(free=50_000)
    monkeypatch.setattr(backup_archive.shutil, "disk_usage", lambda path: full)
    with pytest.raises(StudioError, match=r"holds [\d.]+ MB, and 0\.1 MB are free.*Make room"):
        restore.restore(new, made.file, NOW, quiet)
    assert [path.name for path in new.home.iterdir()] == ["restore.lock"]
    assert restore.check(made.file).rows == made.rows  # which needs none


def changed(file: Path, change: Change) -> Path:
    """A copy of a backup with other members or another manifest, whole by its hashes."""
    with tarfile.open(file) as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    told = json.loads(members.pop(backup_archive.MANIFEST))
    members.pop(backup_archive.SEAL)
    before = dict(members)
    change(members, told)
    if isinstance(told.get("files"), dict):
        told["files"] = {name: one for name, one in told["files"].items() if name in members}
        for name, data in members.items():
            if data != before.get(name):
                told["files"][name] = [len(data), hashlib.sha256(data).hexdigest()]
    made = file.with_name("changed.tar")
    with tarfile.open(made, "w") as tar:
        text = told.pop("TEXT", None) or json.dumps(told).encode()
        seal = hashlib.sha256(text).hexdigest().encode()
        for name, data in {**members, "manifest.json": text, "manifest.sha256": seal}.items():
            tar.addfile(info(name, len(data)), io.BytesIO(data))
    return made


def database(tmp_path: Path) -> bytes:
    with closing(sqlite3.connect(tmp_path / "any.db")) as connection:
        connection.execute("CREATE TABLE runs (artifact_uri TEXT)")
    return (tmp_path / "any.db").read_bytes()


BROKEN: dict[str, Change] = {
    "a list": lambda m, t: t.update(TEXT=b"[1]"),
    "no JSON": lambda m, t: t.update(TEXT=b"{"),
    "not UTF-8": lambda m, t: t.update(TEXT=b'{"format": "\xff"}'),
    "too deep": lambda m, t: t.update(TEXT=b"[" * 100_000),
    "endless number": lambda m, t: t.update(TEXT=b'{"format": 1, "files": {"x": [1e999, "x"]}}'),
    "no files": lambda m, t: t.pop("files"),
    "files as list": lambda m, t: t.update(files=[1]),
    "size as text": lambda m, t: t.update(TEXT=b'{"format": 1, "files": {"x": ["much", "x"]}}'),
    "no schema": lambda m, t: t.pop("schema"),
    "tables as text": lambda m, t: t.update(tables="ledger"),
    "tables as numbers": lambda m, t: t.update(tables=[1, None]),
    "a relative folder": lambda m, t: t.update(artifacts="mlruns"),
    "folder as number": lambda m, t: t.update(artifacts=7),
    "rows as text": lambda m, t: t.update(rows="all"),
    "records twice": lambda m, t: t.update(format=2, mlflow="abc"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    from studio.settings import load_settings

    settings = load_settings({"STUDIO_HOME": str(folder / "old")})
    furnish(settings)
    return back_up(settings, folder / "kept.tar", NOW, quiet).file


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_manifest_is_named(here: Settings, whole: Path, what: str):
    file = changed(whole, BROKEN[what])
    for read in (restore.check, lambda file: restore.restore(here, file, NOW, quiet)):
        with pytest.raises(StudioError, match=r"its manifest.json is broken.*Use another backup"):
            read(file)
    assert [path.name for path in here.home.iterdir()] == ["restore.lock"]


def test_what_a_later_studio_adds_to_a_manifest_is_left_alone(here: Settings, whole: Path):
    file = changed(whole, lambda m, t: t.update(later={"x": 1}))
    assert restore.restore(here, file, NOW, quiet).missing == restore.check(file).missing == []


WRONG: dict[str, Change] = {
    "no database": lambda m, t: m.update({"mlflow.db": b"not one at all" * 100}),
    "cut off": lambda m, t: m.update({"mlflow.db": m["mlflow.db"][:5000]}),
    "rows missing": lambda m, t: m.pop("rows/ledger.jsonl"),
    "rows no JSON": lambda m, t: m.update({"rows/ledger.jsonl": b"{"}),
    "rows empty": lambda m, t: m.update({"rows/ledger.jsonl": b""}),
    "a row no list": lambda m, t: m.update(
        {"rows/jobs.jsonl": m["rows/jobs.jsonl"].splitlines(True)[0] + b"7\n"}
    ),
    "a row too short": lambda m, t: m.update(
        {"rows/jobs.jsonl": m["rows/jobs.jsonl"].splitlines(True)[0] + b"[1]\n"}
    ),
    "a row twice": lambda m, t: m.update(
        {"rows/jobs.jsonl": m["rows/jobs.jsonl"] + m["rows/jobs.jsonl"].splitlines(True)[1]}
    ),
    "no such table": lambda m, t: t.update(tables=[*t["tables"], "more"]),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_rows_and_records_that_are_none_are_named(place, whole: Path, what: str, kind: str):
    here = place("here", kind)
    with pytest.raises(StudioError) as caught:
        restore.restore(here, changed(whole, WRONG[what]), NOW, quiet)
    assert caught.value.message and caught.value.remedy
    assert {path.name for path in here.home.iterdir()} <= {"restore.lock", "mlruns", "backups"}


def test_another_programs_database_is_named(here: Settings, whole: Path, tmp_path: Path):
    file = changed(whole, lambda m, t: m.update({"mlflow.db": database(tmp_path)}))
    with pytest.raises(StudioError, match="holds no records of MLflow's"):
        restore.restore(here, file, NOW, quiet)
    assert [path.name for path in here.home.iterdir()] == ["restore.lock"]
