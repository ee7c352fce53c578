"""The list that a person is writing, kept until they write another: a reload loses nothing.

home/drafts/lists/SHA-256 OF THE NAME.txt
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from studio.accounts.rights import check
from studio.store.publish import publish


def read(home: Path, person: str) -> str:
    """What the person wrote last, "" where they wrote none."""
    try:
        return _file(home, person).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def keep(home: Path, text: str, *, by: str) -> None:
    """Keep what a person has written so far; nobody else sees it."""
    check(by, "generate")
    if text != read(home, by):
        publish(_file(home, by), text, flush=False)


def _file(home: Path, person: str) -> Path:
    name = hashlib.sha256(str(person).encode()).hexdigest()
    return home / "drafts" / "lists" / f"{name}.txt"
