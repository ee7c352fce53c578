"""The log of what was refused: who, what and when, one JSON object a line.

It lies in home/logs: refused.jsonl of people who are signed in, strangers.jsonl of everybody else,
at most 2 MB of each, so that nobody outside washes out what those inside did. It never holds a
password, a token or a query string. A log and no table, so that nobody outside can fill the
database.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio import request_ids
from studio.masking import masked
from studio.store.publish import publish

MOST_BYTES = 1_000_000
LONGEST = 300
UNKNOWN = "an unknown name"  # people type their password into the wrong field
SIGN_IN = "sign-in"
INSIDE, OUTSIDE = "refused", "strangers"

log = logging.getLogger("studio.refused")
log.addHandler(logging.NullHandler())  # said aloud only where a host's own logging asks for it
_folder: Path | None = None
_writing = threading.Lock()


def keep(home: Path | None) -> None:
    """From here on refusals of this process are kept in `home`, and not only told to `logging`."""
    global _folder
    _folder = None if home is None else home / "logs"


def note(who: str, what: str, *, stranger: bool = False, **more: Any) -> None:
    """Write a refusal down; `stranger`: nobody has shown that they are `who`. A full disk is no
    reason to answer otherwise."""
    more["request"] = request_ids.current()
    told = {"who": who, "what": what, **{name: str(value) for name, value in more.items() if value}}
    found = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **{name: masked(value)[:LONGEST] for name, value in told.items()},
    }
    line = json.dumps(found)
    log.warning("%s", line)
    if _folder is None:
        return
    kept = _folder / f"{OUTSIDE if stranger or not who else INSIDE}.jsonl"
    try:
        with _writing:
            _folder.mkdir(parents=True, exist_ok=True)
            if kept.exists() and kept.stat().st_size > MOST_BYTES:
                kept.replace(kept.with_suffix(".1.jsonl"))  # turned over; nothing is written
            with kept.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
    except OSError as error:
        log.error("the refusal could not be kept: %s", error)


def newest(home: Path, count: int = 50) -> list[dict[str, str]]:
    """The last refusals, newest first: `count` of people inside, and as many of everybody else."""
    found = [row for name in (INSIDE, OUTSIDE) for row in _rows(_at(home, name))[-count:]]
    return sorted(reversed(found), key=lambda row: row.get("at", ""), reverse=True)


def forget_names(home: Path, known: Collection[str]) -> None:
    """Take names that nobody has out of what was kept before they were left out from the start."""
    for name in (INSIDE, f"{INSIDE}.1"):
        file = _at(home, name)
        rows = _rows(file)
        strange = [
            row
            for row in rows
            if row.get("what") == SIGN_IN and row.get("who") not in {*known, UNKNOWN, ""}
        ]
        for row in strange:
            row["who"] = UNKNOWN
        if strange:
            with _writing:
                publish(file, "".join(json.dumps(row) + "\n" for row in rows))


def _at(home: Path, name: str) -> Path:
    return home / "logs" / f"{name}.jsonl"


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    lines = file.read_text("utf-8", "replace").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]
