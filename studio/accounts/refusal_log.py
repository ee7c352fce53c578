"""The log of what was refused: who, what and when, one JSON object a line.

It lies in home/logs/refused.jsonl, at most 2 MB of it, and never holds a password, a token or a
query string. A log and no table, so that nobody outside can fill the database.
"""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_BYTES = 1_000_000
LONGEST = 300

log = logging.getLogger("studio.refused")
log.addHandler(logging.NullHandler())  # said aloud only where a host's own logging asks for it
_file: Path | None = None
_writing = threading.Lock()


def keep(home: Path | None) -> None:
    """From here on refusals of this process are kept in `home`, and not only told to `logging`."""
    global _file
    _file = None if home is None else home / "logs" / "refused.jsonl"


def note(who: str, what: str, **more: Any) -> None:
    """Write a refusal down. A full disk is no reason to answer otherwise."""
    found = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": who[:LONGEST],
        "what": what[:LONGEST],
        **{name: str(value)[:LONGEST] for name, value in more.items() if value},
    }
    line = json.dumps(found)
    log.warning("%s", line)
    if _file is None:
        return
    try:
        with _writing:
            _file.parent.mkdir(parents=True, exist_ok=True)
            if _file.exists() and _file.stat().st_size > MOST_BYTES:
                _file.replace(_file.with_suffix(".1.jsonl"))  # turned over; nothing is written
            with _file.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
    except OSError as error:
        log.error("the refusal could not be kept: %s", error)


def newest(home: Path, count: int = 50) -> list[dict[str, str]]:
    """The last refusals, newest first."""
    file = home / "logs" / "refused.jsonl"
    if not file.is_file():
        return []
    lines = file.read_text("utf-8", "replace").splitlines()[-count:]
    return [json.loads(line) for line in reversed(lines) if line.startswith("{")]
