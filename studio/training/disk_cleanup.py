"""What a training that has ended leaves on the disk, and for how long.

Checkpoints serve only to go on with it. They leave once it has become a version or is an ended
trial, and KEPT_DAYS after the last word of one that was cut off, where nothing waits to go on with
it. What tells of a training stays: its record, losses, checks, previews and the LoRA it ended with.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studio.store.publish import remove_folder
from studio.training import checkpoints, kept_adapters

KEPT_DAYS = 30
SETTLED = timedelta(hours=1)  # that what the version was made of may still lie in memory only
ENDED = "ended.json"  # there once it has learned all: `studio.workflows.train`
CLEARED = "cleared"  # there where nothing can be gone on with any more
RECORDS = ("record.json", "gan.json")  # of a LoRA's training, and of a GAN's


def cleared(folder: Path) -> bool:
    """Whether the training was cut off and can't be gone on with any more: it begins anew."""
    return (folder / CLEARED).is_file()


def until(folder: Path) -> datetime | None:
    """When the checkpoints of a training that was cut off are cleared away; None where nothing is
    lost with them."""
    ended = (folder / "done").is_file() or (folder / ENDED).is_file()
    if ended or not checkpoints.steps(folder):
        return None
    return _newest(folder) + timedelta(days=KEPT_DAYS)


def clear(home: Path, wanted: Callable[[], Collection[str]], now: datetime) -> list[str]:
    """Clear away what nothing goes on from any more, in every training; their runs.

    `wanted` tells the runs that jobs wait to go on with, or are at; it is asked before each that
    would be cleared. A kill in between leaves none that is half gone and looks whole.
    """
    gone = []
    records = [file for name in RECORDS for file in (home / "runs").glob(f"*/*/{name}")]
    for folder in sorted(file.parent for file in records):
        if not checkpoints.steps(folder) and not (folder / kept_adapters.FOLDER).exists():
            continue
        if not _due(folder, wanted, now):
            continue
        if not (folder / "done").is_file() and not (folder / ENDED).is_file():
            (folder / CLEARED).touch()  # before: ENDED's lacks only its version
        remove(folder)
        gone.append(folder.name)
    return gone


def remove(folder: Path) -> None:
    """Remove a training's checkpoints and the LoRAs of its checks; the one it ended with lies
    apart."""
    for step in checkpoints.steps(folder):
        remove_folder(folder / f"step-{step:06d}")
    for left in folder.glob(".*.part"):  # of a removal that was killed
        shutil.rmtree(left, ignore_errors=True)
    shutil.rmtree(folder / kept_adapters.FOLDER, ignore_errors=True)


def _due(folder: Path, wanted: Callable[[], Collection[str]], now: datetime) -> bool:
    if (folder / "done").is_file():
        return now >= _at(folder / "done") + SETTLED
    if cleared(folder):  # a kill came in between
        return True
    return now >= _newest(folder) + timedelta(days=KEPT_DAYS) and folder.name not in wanted()


def _newest(folder: Path) -> datetime:
    """When anything was last written there."""
    return max(_at(file) for file in folder.iterdir())


def _at(file: Path) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)
