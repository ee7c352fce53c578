"""How much of the disk each person's pictures to begin from take, and the masks of them.

starts/.held/<SHA-256 of the person's name>   the bytes of each file, a line each

A picture is kept once: it counts for whoever brought it first. What was brought before
these lists were kept counts for nobody.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from studio.assets import contents
from studio.context import Studio

LEAST = 4096  # bytes that a file takes on the disk, however small it is


def check(studio: Studio, by: str) -> None:
    """StudioError where what `by` brought, and what was drawn for them, fills their room."""
    held = held_by(studio.home, by)
    contents.check_room(studio.engine, by, studio.settings.most_drawn, held)


def held_by(home: Path, by: str) -> int:
    """Bytes of all that `by` brought."""
    try:
        return sum(map(int, _list(home, by).read_text("ascii").split()))
    except FileNotFoundError:
        return 0


def note(home: Path, by: str, file: Path) -> None:
    """Count a file that `by` brought just now. A short line is appended whole, whoever else writes
    one at the moment."""
    path = _list(home, by)
    path.parent.mkdir(exist_ok=True)
    with path.open("ab", buffering=0) as opened:
        opened.write(b"%d\n" % max(file.stat().st_size, LEAST))


def _list(home: Path, by: str) -> Path:
    return home / "starts" / ".held" / hashlib.sha256(str(by).encode()).hexdigest()
