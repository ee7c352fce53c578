"""Room that many begin to write in at once is promised to as many as it is there for."""

import json
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.store import reserved_room
from studio.store.reserved_room import promised, reserving

GB = 1024**3
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def free(monkeypatch):
    def say(free: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(100 * GB, 0, free))

    say(GB + 100)
    return say


def test_of_twelve_at_once_those_begin_for_whom_there_is_room(tmp_path, free):
    free(3 * GB + 100)
    begun, told, go = [], [], threading.Barrier(12)
    over = threading.Event()

    def one() -> None:
        go.wait()
        try:
            with reserving(tmp_path, tmp_path / "uploads", GB, spare=100):
                begun.append(1)
                over.wait(30)
        except StudioError as error:
            told.append(error)
            if len(told) == 9:
                over.set()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(begun), len(told)) == (3, 9)
    assert "room for 0.0 MB, beside 3.0 GB that is being written" in told[0].message
    assert promised(tmp_path) == 0


def test_what_is_on_the_disk_is_promised_no_more_and_all_is_given_back(tmp_path, free):
    with reserving(tmp_path, tmp_path, GB, spare=100):
        with pytest.raises(StudioError, match="disk is full"):
            with reserving(tmp_path, tmp_path, 5 * 1024**2, spare=100):
                raise AssertionError
    with pytest.raises(KeyError):
        with reserving(tmp_path, tmp_path, GB, spare=100):
            raise KeyError
    assert promised(tmp_path) == 0
    with reserving(tmp_path, tmp_path, GB, spare=100) as promise:
        promise.written(GB // 4)
        assert promise.left == GB - GB // 4


def test_small_writes_need_no_promise_while_there_is_room(tmp_path, free):
    with reserving(tmp_path, tmp_path, 1000, spare=100):
        assert promised(tmp_path) == 0
    free(500)
    with pytest.raises(StudioError, match="disk is full"):
        with reserving(tmp_path, tmp_path, 1000, spare=100):
            raise AssertionError


def test_what_a_killed_process_was_promised_is_free_again_soon(tmp_path, free):
    program = (
        "import os, sys; from pathlib import Path; from studio.store import reserved_room as room;"
        "home = Path(sys.argv[1]);"
        "held = room.reserving(home, home, 5 * 2**20, 0); held.__enter__(); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=CHECKOUT)
    assert done.returncode == 9 and promised(tmp_path) == 5 * 2**20
    ledger: Path = tmp_path / "cache" / "room.json"
    (entry,) = json.loads(ledger.read_text()).values()
    entry[0] -= reserved_room.LEASE_S
    ledger.write_text(json.dumps({"x": entry}))
    assert promised(tmp_path) == 0
    with reserving(tmp_path, tmp_path, GB, spare=100):
        pass


def test_a_long_write_keeps_its_promise(tmp_path, free, monkeypatch):
    monkeypatch.setattr(reserved_room, "RENEWED_S", 0.01)
    with reserving(tmp_path, tmp_path, GB, spare=100) as promise:
        promise.written(100)
        ledger = tmp_path / "cache" / "room.json"
        while json.loads(ledger.read_text())[promise.id][1] != GB - 100:
            pass
    assert promised(tmp_path) == 0


def test_a_torn_ledger_is_none(tmp_path, free):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "room.json").write_text('{"a": [1')
    with reserving(tmp_path, tmp_path, GB, spare=100):
        assert promised(tmp_path) == GB
