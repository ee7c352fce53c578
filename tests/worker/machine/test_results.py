"""The files of a computation's folder, as they were when they were told of."""

from __future__ import annotations

import os
from pathlib import Path

from studio.jobs.emit import JOURNAL
from studio.store.contents import Store, digest_of
from studio.worker.machine.results import Results
from studio.worker.steps import COMPUTED


def test_each_change_is_told_once_with_the_bytes_of_then(tmp_path: Path) -> None:
    work, store = tmp_path / "work", Store(tmp_path / "store")
    (work / "tiles").mkdir(parents=True)
    came = work / "came.png"
    came.write_bytes(b"from home")
    results = Results(work, store, {"came.png": digest_of(b"from home"), JOURNAL: "0" * 64})
    assert results.changes() == {}
    (work / "tiles" / "1.png").write_bytes(b"one")
    (work / ".1234.5.part").write_bytes(b"half")
    (work / JOURNAL).write_text("{}\n")
    (work / COMPUTED).write_text("{}")
    assert results.changes() == {"tiles/1.png": [digest_of(b"one"), 3]}
    assert results.changes() == {}
    (work / "tiles" / "1.png").write_bytes(b"other")
    came.unlink()
    assert results.changes() == {"tiles/1.png": [digest_of(b"other"), 5], "came.png": None}
    assert store.get(digest_of(b"one")) == b"one"  # home may fetch it yet
    assert results.all() == {"tiles/1.png": [digest_of(b"other"), 5]}


def test_a_link_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "work" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "work" / "folder").symlink_to(tmp_path)
    assert Results(tmp_path / "work", Store(tmp_path / "store"), {}).changes() == {}


def test_what_lay_there_for_long_stays_from_now_on(tmp_path: Path) -> None:
    """It would be swept before home has fetched it."""
    work, store = tmp_path / "work", Store(tmp_path / "store")
    work.mkdir()
    path = store.path(store.put(b"one"))
    os.utime(path, (1, 1))
    (work / "1.png").write_bytes(b"one")
    Results(work, store, {}).changes()
    assert path.stat().st_mtime > 1
