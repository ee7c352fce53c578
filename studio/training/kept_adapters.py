"""Adapters of checks in a training's folder: the best so far and the newest, each whole or not
there at all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from studio.store.publish import publishing, remove_folder

FOLDER = "kept"


def keep(folder: Path, step: int, write: Callable[[Path], object]) -> Path:
    """Have `write` fill a folder aside, put it on the disk and name it after `step`.

    Raises StudioError where it can't be written; what was kept before stays.
    """
    final = place(folder, step)
    remedy = "Make room on the disk, then go on with --resume; the last checkpoint is kept."
    with publishing(final, remedy=remedy) as aside:
        aside.mkdir()
        write(aside)
    return final


def place(folder: Path, step: int) -> Path:
    """Where the adapter of `step` lies, if it was kept."""
    return folder / FOLDER / f"step-{step:06d}"


def prune(folder: Path, steps: Collection[int]) -> None:
    """Drop every kept adapter but those of `steps`."""
    names = {place(folder, step).name for step in steps}
    for found in (folder / FOLDER).glob("step-*"):
        if found.name not in names:
            remove_folder(found)
