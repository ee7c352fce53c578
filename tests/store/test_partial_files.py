"""What a killed process left goes; what somebody may still be writing stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from studio.store import partial_files


def put(file: Path, age: float) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"half")
    os.utime(file, (time.time() - age,) * 2)
    return file


def test_old_asides_and_those_of_dead_processes_are_swept(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    day, hour = partial_files.DAY_S + 60, 3600
    folder = tmp_path / "runs" / ".step-000004.part"
    gone = [
        put(tmp_path / "a" / f".{'0' * 16}.part", day),
        put(tmp_path / f"key.{os.getpid()}.part", day),
        put(tmp_path / "a" / "b" / f"key.{ended.pid}.part", hour),
        put(folder / "state.safetensors", day),
        folder,
    ]
    os.utime(folder, (time.time() - day,) * 2)
    kept = [
        put(tmp_path / "a" / ".new.part", hour),
        put(tmp_path / f"other.{os.getpid()}.part", hour),
        put(tmp_path / f"fresh.{ended.pid}.part", 5),
        put(tmp_path / "runs" / ".step-000006.part" / "state.json", hour),
        put(tmp_path / "old.safetensors", day),
        put(tmp_path / "old.partial", day),
        put(tmp_path / f"no.{10**30}.part", hour),
    ]
    assert partial_files.sweep(tmp_path) == 4
    assert not any(file.exists() for file in gone)
    assert all(file.exists() for file in kept)
    assert partial_files.sweep(tmp_path) == 0
    assert partial_files.sweep(tmp_path / "nowhere") == 0
