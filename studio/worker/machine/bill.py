"""What a machine's runs computed, kept when they are forgotten: what a studio's charges are held
against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.worker.machine import folders
from studio.worker.machine.folders import Kept

FILE = "bill.jsonl"
MOST_BYTES = 4 * 1024**2  # of the file's end, in one answer


def note(root: Path, kept: Kept) -> None:
    """A run has ended. Noted twice, after a kill, it counts once: the last holds."""
    status = kept.status(kept.ended_at)
    line = {
        "id": kept.id,
        "kind": kept.kind,
        "status": kept.state,
        "executionTime": status.computed_ms,
        "at": kept.ended_at,
    }
    folders.mend(root / FILE)
    folders.append(root / FILE, line)


def read(root: Path) -> list[dict[str, Any]]:
    """The newest runs that ended, each once, the oldest first."""
    file = root / FILE
    try:
        after = max(0, file.stat().st_size - MOST_BYTES)
    except FileNotFoundError:
        return []
    if after:
        with file.open("rb") as opened:
            opened.seek(after)
            after += len(opened.readline())
    found, _ = folders.lines(file, after, MOST_BYTES)
    by_id = {str(one["id"]): one for one in found}
    return list(by_id.values())
