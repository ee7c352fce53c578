"""What the store keeps by hash comes back as it was, or is said to be gone or changed."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.store.contents import Store, store_of

DATA = b"a knight " * 4_000
DIGEST = hashlib.sha256(DATA).hexdigest()
READERS: list[Callable[[Store, Path], object]] = [
    lambda store, target: store.get(DIGEST),
    lambda store, target: store.open(DIGEST),
    lambda store, target: store.fetch(DIGEST, target),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path / "home")


def files(folder: Path) -> list[str]:
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if not f.is_dir())


def overwrite(path: Path, data: bytes) -> None:
    """As an editor does that saves under the same name."""
    path.unlink()
    path.write_bytes(data)


def test_bytes_and_files_are_kept_once_and_come_back(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(DATA)
    assert not store.has(DIGEST)
    assert store.put(DATA) == store.put(source) == store.put(DATA) == DIGEST
    assert files(store.root) == [f"{DIGEST[:2]}/{DIGEST}"]
    assert store.root == tmp_path / "home" / "store"
    assert store.has(DIGEST) and store.get(DIGEST) == DATA
    with store.open(DIGEST) as file:
        assert file.read(9) == b"a knight " and file.read() == DATA[9:]
    assert source.read_bytes() == DATA and not source.samefile(store.path(DIGEST))
    assert store.get(store.put(b"")) == b""


def test_the_same_content_again_is_not_written_again(store: Store) -> None:
    store.put(DATA)
    before = store.path(DIGEST).stat()
    store.put(DATA)
    after = store.path(DIGEST).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_is_gone_is_named_with_its_remedy(store: Store, tmp_path: Path) -> None:
    store.put(DATA)
    store.path(DIGEST).unlink()
    for read in READERS:
        with pytest.raises(StudioError, match=f"{DIGEST}, .* is gone") as told:
            read(store, tmp_path / "second")
        assert str(store.root) in told.value.message and "backup" in told.value.remedy
    assert not (tmp_path / "second").exists() and not store.has(DIGEST)


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA + b"\0", b"A" + DATA[1:]])
def test_a_file_that_was_changed_is_named_and_put_mends_it(
    store: Store, tmp_path: Path, data: bytes
) -> None:
    store.put(DATA)
    overwrite(store.path(DIGEST), data)
    for read in READERS:
        with pytest.raises(StudioError, match=f"{DIGEST}, .* was changed") as told:
            read(store, tmp_path / "second")
        assert "backup" in told.value.remedy
    assert not (tmp_path / "second").exists()
    assert store.put(DATA) == DIGEST and store.get(DIGEST) == DATA


def test_a_link_a_pipe_or_a_folder_in_a_files_place_is_no_file_of_the_store(
    store: Store, tmp_path: Path
) -> None:
    store.put(DATA)
    path = store.path(DIGEST)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StudioError, match="link stands in its place"):
        store.get(DIGEST)
    assert not store.has(DIGEST) and store.check().changed == (DIGEST,)
    store.put(DATA)
    assert store.get(DIGEST) == DATA and not path.is_symlink()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(StudioError, match="was changed"):
        store.get(DIGEST)
    path.unlink()
    path.mkdir()
    with pytest.raises(StudioError, match=f"{DIGEST}, .* can't be read: Is a directory"):
        store.open(DIGEST)
    with pytest.raises(StudioError, match=f"{DIGEST} could not be written"):
        store.put(DATA)
    with pytest.raises(StudioError, match=f"{DIGEST} can't be deleted"):
        store.delete(DIGEST)


def test_a_source_by_a_link_is_copied_and_a_store_by_a_link_is_used(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "source").write_bytes(DATA)
    (tmp_path / "named").symlink_to(tmp_path / "source")
    (tmp_path / "disk").mkdir()
    store.root.parent.mkdir()
    store.root.symlink_to(tmp_path / "disk")
    assert store.put(tmp_path / "named") == DIGEST
    (tmp_path / "source").unlink()
    assert store.get(DIGEST) == DATA
    assert files(tmp_path / "disk") == [f"{DIGEST[:2]}/{DIGEST}"]
    assert list(store.digests()) == [DIGEST]


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", DIGEST[:-1], DIGEST.upper(), f"{DIGEST}\n"]
)
def test_what_is_no_digest_is_refused_at_the_door(
    store: Store, tmp_path: Path, digest: str
) -> None:
    for call in (store.get, store.open, store.has, store.delete, store.path):
        with pytest.raises(StudioError, match="no SHA-256"):
            call(digest)
    with pytest.raises(StudioError, match="no SHA-256"):
        store.fetch(digest, tmp_path / "second")
    assert not store.root.exists()


def test_a_second_name_shares_the_bytes_and_outlives_the_first(
    store: Store, tmp_path: Path
) -> None:
    target = tmp_path / "home" / "generated" / "knight.png"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"older")
    store.put(DATA)
    for _ in range(2):  # it may be there already
        store.fetch(DIGEST, target)
        assert target.samefile(store.path(DIGEST))
        assert files(target.parent) == ["knight.png"]
    store.delete(DIGEST)
    assert target.read_bytes() == DATA
    assert not store.has(DIGEST)
    store.delete(DIGEST)


def test_on_another_file_system_a_second_name_is_a_copy(store: Store, tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system only")
    target = memory / f"second-{os.getpid()}"
    store.put(DATA)
    try:
        store.fetch(DIGEST, target)
        assert target.read_bytes() == DATA and target.stat().st_nlink == 1
    finally:
        target.unlink(missing_ok=True)


def test_a_check_names_what_was_changed_and_what_is_gone(store: Store) -> None:
    assert store.check() == store.check([])
    gone, changed, whole = (store.put(name) for name in (b"gone", b"changed", b"whole"))
    store.path(gone).unlink()
    overwrite(store.path(changed), b"otherwise")
    (store.root / "ab").mkdir(exist_ok=True)
    for name in ("README", f"ab/.{'0' * 16}.1.part", "ab/Thumbs.db", f"ab/{'cd' * 32}"):
        (store.root / name).write_bytes(b"no file of the store")
    found = store.check([gone, changed, whole, gone])
    assert (found.changed, found.gone) == ((changed,), (gone,))
    assert list(store.digests()) == sorted([changed, whole])


PUT = """
import os, signal, sys
from pathlib import Path
from studio.store.contents import Store
from studio.errors import StudioError
root, source, name, number = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
real, calls = getattr(os, name), []
def dying(*given, **named):
    calls.append(1)
    if len(calls) == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
setattr(os, name, dying)
print(Store(Path(root)).put(Path(source)))
"""


@pytest.mark.parametrize("call", ["fsync", "replace", "sendfile", "chmod"])
def test_killed_between_any_two_steps_the_whole_or_nothing_is_there(
    store: Store, tmp_path: Path, call: str
) -> None:
    (tmp_path / "source").write_bytes(DATA)
    words = [sys.executable, "-c", PUT, str(store.root), str(tmp_path / "source"), call, "1"]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert list(store.digests()) == []
    assert all(name.endswith(".part") for name in files(store.root))
    again = subprocess.run([*words[:-1], "0"], cwd=CHECKOUT, capture_output=True, text=True)
    assert again.stdout.strip() == DIGEST and store.get(DIGEST) == DATA


def test_several_processes_that_put_the_same_at_once_all_have_it(
    store: Store, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA * 100)
    words = [sys.executable, "-c", PUT, str(store.root), str(source), "fsync", "0"]
    at_once = [subprocess.Popen(words, cwd=CHECKOUT, stdout=subprocess.PIPE) for _ in range(4)]
    said = {one.communicate()[0].decode().strip() for one in at_once}
    digest = hashlib.sha256(DATA * 100).hexdigest()
    assert said == {digest} and store.get(digest) == DATA * 100
    assert files(store.root) == [f"{digest[:2]}/{digest}"]


def test_where_there_is_no_room_nothing_half_is_left(store: Store, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(DATA)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for content in (DATA, tmp_path / "source"):
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(DATA) - 1, hard))
            with pytest.raises(StudioError, match=f"{DIGEST} could not be written") as told:
                store.put(content)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "room" in told.value.remedy and files(store.root) == []


def test_what_reads_back_otherwise_does_not_count(store: Store, tmp_path: Path) -> None:
    """A file that goes on growing gives other bytes each time it is read."""
    growing = Path("/proc/self/io")
    if not growing.exists():
        pytest.skip("no such file here")
    with pytest.raises(StudioError, match="reads back as something else"):
        store.put(growing)
    assert files(store.root) == []


REFUSED = """
import os, sys
from pathlib import Path
from studio.errors import StudioError
from studio.store.contents import Store
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
store, digest = Store(Path(sys.argv[1])), sys.argv[2]
assert store.get(digest) and store.has(digest)
store.put(store.get(digest))  # there already
for call in (lambda: store.put(b"new"), lambda: store.delete(digest),
             lambda: open(store.path(digest), "ab")):
    try:
        call()
        print("done")
    except (StudioError, PermissionError) as error:
        print(type(error).__name__, error)
"""


def test_a_folder_that_may_only_be_read_is_read_and_named(store: Store, tmp_path: Path) -> None:
    """As root, who may write everywhere, in a process that has become nobody."""
    store.put(DATA)
    folders = [store.root, store.path(DIGEST).parent]
    above = [p for p in tmp_path.parents if p.stat().st_uid == os.getuid()]
    modes = {p: p.stat().st_mode for p in (*above, tmp_path, tmp_path / "home", *folders)}
    try:
        for folder, mode in modes.items():
            folder.chmod(0o555 if folder in folders else mode | 0o011)
        done = subprocess.run(
            [sys.executable, "-c", REFUSED, str(store.root), DIGEST],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
        )
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)
    assert done.returncode == 0, done.stderr
    put, delete, write = done.stdout.splitlines()
    assert put.startswith("StudioError") and str(store.root) in put and "permissions" in put
    assert delete.startswith("StudioError") and DIGEST in delete
    assert write.startswith("PermissionError")
    assert store.get(DIGEST) == DATA


def test_a_second_name_cannot_be_written_into_by_accident(store: Store, tmp_path: Path) -> None:
    store.put(DATA)
    store.fetch(DIGEST, tmp_path / "second")
    assert not (tmp_path / "second").stat().st_mode & 0o222
