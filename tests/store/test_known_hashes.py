"""Large files are read once, and again when they change."""

import hashlib
import os
from pathlib import Path

import pytest

from studio.store import known_hashes


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"first")
    assert known_hashes.looked_up(tmp_path).find(file) == ""
    with known_hashes.reading(tmp_path) as known:
        assert known.read(file) == hashlib.sha256(b"first").hexdigest()
    stat = file.stat()
    file.write_bytes(b"other")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as if it had not been touched
    first = hashlib.sha256(b"first").hexdigest()
    assert known_hashes.looked_up(tmp_path).find(file) == first
    with known_hashes.reading(tmp_path) as known:
        assert known.read(file) == first
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert known_hashes.looked_up(tmp_path).find(file) == ""
    with known_hashes.reading(tmp_path) as known:
        assert known.read(file) == hashlib.sha256(b"other").hexdigest()


def test_what_is_gone_is_forgotten_and_a_torn_list_is_begun_anew(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.write_bytes(file.name.encode())
    with known_hashes.reading(tmp_path) as known:
        known.read(files[0])
    files[0].unlink()
    with known_hashes.reading(tmp_path) as known:
        known.read(files[1])
    assert list(known_hashes.looked_up(tmp_path).files) == [str(files[1])]
    (tmp_path / known_hashes.KEPT).write_text('{"a": [1')
    assert known_hashes.looked_up(tmp_path).files == {}
    with pytest.raises(FileNotFoundError), known_hashes.reading(tmp_path) as known:
        known.read(files[0])
