"""Packs: found by key, kept by a kill, merged, read whoever deletes them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from studio.settings import CHECKOUT
from studio.training import tensor_packs
from studio.training.tensor_packs import Packs

# Writes one item after the other, as a slow encoder would, until it is killed.
PROGRAM = """
import hashlib, sys, time
from pathlib import Path
import torch
from studio.training import tensor_packs
tensor_packs.EVERY_S = 0.1
kept = tensor_packs.Packs(Path(sys.argv[1]))
for number in range(100_000):
    key = hashlib.sha256(str(number).encode()).digest()
    kept.add(key, {"mean": torch.full((4,), float(number))})
    time.sleep(0.01)
"""


def key(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def fill(folder: Path, numbers: range, each: int = 10) -> None:
    for first in range(numbers.start, numbers.stop, each):
        made = Packs(folder)
        for number in range(first, min(first + each, numbers.stop)):
            made.add(key(number), {"mean": torch.full((4,), float(number))})
        made.flush()


def test_what_was_kept_is_read_in_the_order_asked(tmp_path: Path) -> None:
    fill(tmp_path, range(30))
    found = Packs(tmp_path)
    wanted = [key(n) for n in (25, 3, 3, 11, 99, 12, 13, 99)]
    assert found.missing(wanted) == [4]
    del wanted[7], wanted[4]
    assert found.read(wanted, "mean")[:, 0].tolist() == [25, 3, 3, 11, 12, 13]
    assert found.missing([key(7)]) == []
    for file in tmp_path.iterdir():
        file.unlink()  # by another process, to make room
    assert found.read([key(7)], "mean")[0, 0] == 7
    assert Packs(tmp_path).missing([key(7)]) == [0]


def test_kinds_of_numbers_and_shapes_keep_apart_and_whole(tmp_path: Path) -> None:
    made = Packs(tmp_path)
    one = {"mean": torch.rand(2, 3).bfloat16(), "cover": torch.arange(5, dtype=torch.uint8)}
    made.add(key(1), one)
    made.add(key(2), {"text": torch.rand(7).half()})
    made.add(key(3), {"text": torch.rand(7)})
    made.flush()
    assert len(list(tmp_path.iterdir())) == 3
    again = Packs(tmp_path)
    assert again.missing([key(1), key(2), key(3)]) == []
    assert torch.equal(again.read([key(1)], "mean")[0], one["mean"])
    assert torch.equal(again.read([key(1)], "cover")[0], one["cover"])


def test_many_small_packs_become_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensor_packs, "LARGE", 5_000)
    fill(tmp_path, range(200))
    assert len(list(tmp_path.iterdir())) == 20
    found = Packs(tmp_path)
    assert found.missing([key(n) for n in range(200)]) == []
    found.merge()
    files = list(tmp_path.iterdir())
    assert len(files) < 8 and set(found.used()) == set(files)
    assert max(file.stat().st_size for file in files) < 7_000
    again = Packs(tmp_path)
    assert again.missing([key(n) for n in range(200)]) == []
    assert again.read([key(n) for n in range(200)], "mean")[:, 0].tolist() == list(range(200))


@pytest.mark.slow
def test_a_kill_leaves_what_was_written(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    process = subprocess.Popen(words, cwd=CHECKOUT, env=environment)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob(tensor_packs.NAME))) < 3:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = Packs(tmp_path)
    first = found.missing([key(n) for n in range(100_000)])[0]
    assert first >= 3  # at least one in each file
    assert found.read([key(n) for n in range(first)], "mean")[:, 0].tolist() == list(range(first))
