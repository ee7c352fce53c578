"""The folder and S3 are one kind of store: what holds for one holds for the other."""

import hashlib
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.store.bucket import Bucket
from studio.store.contents import Store
from studio.store.objects import Objects

DATA = b"a knight"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Store(tmp_path / "store")
    return Bucket(request.getfixturevalue("in_s3"))


def test_put_once_read_compared_and_taken_away(store: Objects, tmp_path: Path) -> None:
    assert not store.has(DIGEST) and list(store.digests()) == []
    file = tmp_path / "knight.png"
    file.write_bytes(DATA)
    assert store.put(DATA) == store.put(file) == DIGEST
    other = store.put(b"another")
    assert list(store.digests()) == sorted([DIGEST, other])
    assert store.get(DIGEST) == DATA
    target = tmp_path / "second" / "knight.png"
    target.parent.mkdir()
    target.write_bytes(b"older")
    store.fetch(DIGEST, target)
    assert target.read_bytes() == DATA
    store.delete(DIGEST)
    store.delete(DIGEST)
    assert not store.has(DIGEST) and target.read_bytes() == DATA
    for read in (lambda: store.get(DIGEST), lambda: store.fetch(DIGEST, target)):
        with pytest.raises(StudioError):
            read()
    assert target.read_bytes() == DATA and store.has(other)


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, f"../{'a' * 61}"])
def test_what_is_no_digest_is_refused(store: Objects, tmp_path: Path, digest: str) -> None:
    for call in (store.get, store.has, store.delete):
        with pytest.raises(StudioError, match="no SHA-256"):
            call(digest)
    with pytest.raises(StudioError, match="no SHA-256"):
        store.fetch(digest, tmp_path / "x")
