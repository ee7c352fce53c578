"""What the studio writes is for its own user alone: other people of the machine read nothing."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = 0o077


def keep_private() -> None:
    """From here on this process and its children make files that nobody else can read."""
    os.umask(OTHERS)


def tighten(home: Path) -> None:
    """Take a folder of before away from others, with all that is in it; nothing where it is theirs
    no more. The folder itself comes last, so that a kill leaves it to the next.

    What belongs to another user stays as it is.
    """
    home = home.resolve()
    if not home.stat().st_mode & OTHERS:
        return
    for folder, _, files in os.walk(home):
        for path in (*(os.path.join(folder, name) for name in files), folder):
            if path != str(home):
                _close(path)
    _close(str(home))


def _close(path: str) -> None:
    with suppress(FileNotFoundError, PermissionError):  # gone meanwhile, or another user's
        mode = os.lstat(path).st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            os.chmod(path, stat.S_IMODE(mode) & ~OTHERS)
