"""What a killed process leaves: files written aside, `*.part`, whose renaming never came.

Nobody reads them, so they cost only room. Whoever writes into a folder next sweeps it.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import psutil

DAY_S = 24 * 3600
# A dead process's file may be a live one's on another machine that shares the folder; nothing is
# written aside for so long without growing.
QUIET_S = 600
BESIDE = re.compile(r"\.[0-9a-f]{16}\.([0-9]{1,9})\.part(?:\.[a-z]+\.part)?(?:-journal)?")


def sweep(folder: Path, now: float | None = None) -> int:
    """Remove files and folders `*.part` at and under `folder` that are older than a day, or that
    name a process (`.PID.part`) that is dead and have been still for ten minutes. Gives how many.

    `now` is in seconds since 1970. What can't be removed stays; another may be sweeping too.
    """
    moment = time.time() if now is None else now
    gone = 0
    for here, folders, files in os.walk(folder):
        stale = [n for n in (*folders, *files) if _stale(Path(here, n), moment)]
        folders[:] = [n for n in folders if not n.endswith(".part")]
        for name in stale:
            aside = Path(here, name)
            if aside.is_dir() and not aside.is_symlink():
                shutil.rmtree(aside, ignore_errors=True)
            else:
                try:
                    aside.unlink(missing_ok=True)
                except OSError:
                    continue
            gone += not aside.exists()
    return gone


def sweep_beside(target: Path) -> int:
    """Remove what killed processes left that were to publish a file beside `target`, whatever else
    lies there: files named as `studio.store.publish` names them, whose process is gone. On another
    machine it may live; there it has written within ten minutes. Gives how many."""
    gone, now = 0, time.time()
    for left in target.parent.glob(".*.part*"):
        named = BESIDE.fullmatch(left.name)
        try:
            written = left.lstat().st_mtime
            if named and now - written > QUIET_S and not _lives(int(named[1]), written):
                left.unlink()
                gone += 1
        except OSError:
            continue
    return gone


def _stale(aside: Path, now: float) -> bool:
    if not aside.name.endswith(".part"):
        return False
    try:
        age = now - aside.lstat().st_mtime
    except OSError:
        return False
    process = re.search(r"\.(\d+)\.part$", aside.name)
    return age > DAY_S or (age > QUIET_S and process is not None and _dead(int(process[1])))


def _lives(process: int, written: float) -> bool:
    """Whether the process that wrote the file then is still there; a later one may have its
    number."""
    try:
        return psutil.Process(process).create_time() <= written
    except psutil.Error:
        return False


def _dead(process: int) -> bool:
    try:
        return not psutil.pid_exists(process)
    except OverflowError:  # no process's number
        return False
