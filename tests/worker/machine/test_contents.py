"""Files of a machine: sent in pieces, gone on with, compared, kept while they are needed."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.worker.machine import contents
from studio.worker.machine.contents import Changed, Contents, Full


def named(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def kept(tmp_path: Path) -> Contents:
    return Contents(tmp_path)


def put(kept: Contents, data: bytes) -> str:
    assert kept.put(named(data), 0, len(data), data)
    return named(data)


def test_a_file_comes_in_pieces_and_a_piece_twice_is_one(kept: Contents) -> None:
    data = bytes(range(200))
    hash = named(data)
    assert not kept.put(hash, 0, 200, data[:80])
    assert (kept.has(hash), kept.begun(hash)) == (False, 80)
    assert not kept.put(hash, 0, 200, data[:80])  # its answer was lost
    assert not kept.put(hash, 40, 200, data[40:120])
    with pytest.raises(Changed, match="120 bytes of the file are here, and 160 follow"):
        kept.put(hash, 160, 200, data[160:])
    assert kept.put(hash, 120, 200, data[120:])
    assert kept.has(hash) and kept.read(hash, 150, 20) == data[150:170]
    assert kept.store.path(hash).stat().st_mode & 0o222 == 0  # as all of a store
    assert kept.put(hash, 0, 200, data[:80])  # it is here
    assert kept.put(named(b""), 0, 0, b"") and kept.read(named(b""), 0, 9) == b""


def test_a_file_that_several_send_at_once_comes_once(kept: Contents) -> None:
    def send(data: bytes) -> None:
        at = 0
        while not kept.put(named(data), at, len(data), data[at : at + 4096]):
            at += 4096

    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            data = os.urandom(10 * 4096)
            for sent in [pool.submit(send, data) for _ in range(8)]:
                sent.result()
            assert kept.read(named(data), 0, len(data)) == data


def test_another_file_than_was_announced_is_not_kept(kept: Contents) -> None:
    with pytest.raises(Changed, match="another file than was announced"):
        kept.put(named(b"one"), 0, 3, b"two")
    assert not kept.has(named(b"one")) and kept.begun(named(b"one")) == 0
    for odd in ("../../x", "A" * 64, ""):
        with pytest.raises(StudioError, match="no SHA-256"):
            kept.put(odd, 0, 1, b"x")


def test_a_full_disk_takes_no_file(kept: Contents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SPARE", 10**18)
    with pytest.raises(Full, match="disk is full"):
        kept.put(named(b"one"), 0, 3, b"one")
    assert kept.begun(named(b"one")) == 0


def safetensors(words: bytes) -> bytes:
    header = b'{"a":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (len(words), len(words))
    return len(header).to_bytes(8, "little") + header + words


def test_adapters_stay_until_they_are_deleted(kept: Contents) -> None:
    hash = put(kept, safetensors(b"weights"))
    with pytest.raises(StudioError, match="no file of safetensors"):
        kept.stay(put(kept, b"\x80\x04pickle"), "evil")
    with pytest.raises(StudioError, match="no name for an adapter"):
        kept.stay(hash, "../up")
    with pytest.raises(StudioError, match="is not here"):
        kept.stay("0" * 64, "gone")
    kept.stay(hash, "heroes")
    assert [one["name"] for one in kept.adapters()] == ["heroes"]
    assert kept.whole(hash)
    path = kept.store.path(hash)
    path.chmod(0o600)
    path.write_bytes(b"changed")
    assert not kept.whole(hash)
    kept.away(hash)
    assert kept.adapters() == [] and not kept.has(hash)


def test_what_nobody_asked_for_goes_but_for_adapters_and_what_is_needed(kept: Contents) -> None:
    adapter, old = put(kept, safetensors(b"one")), put(kept, b"old")
    needed, new = put(kept, b"needed"), put(kept, b"new")
    kept.stay(adapter, "heroes")
    long_ago = time.time() - contents.UNUSED_S - 10
    for hash in (adapter, old, needed):
        os.utime(kept.store.path(hash), (long_ago, long_ago))
    assert kept.sweep([needed]) == 1
    there = [kept.store.has(hash) for hash in (adapter, old, needed, new)]
    assert there == [True, False, True, True]
