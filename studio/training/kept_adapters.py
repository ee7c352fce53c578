"""Adapters of checks in a training's folder: the best so far and the newest, each whole or not
there at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from studio.errors import StudioError

FOLDER = "kept"


def keep(folder: Path, step: int, write: Callable[[Path], object]) -> Path:
    """Have `write` fill a folder aside, put it on the disk and name it after `step`.

    Raises StudioError where it can't be written; what was kept before stays.
    """
    final = place(folder, step)
    aside = final.with_name(f".{final.name}.part")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        write(aside)
        for file in aside.iterdir():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        if final.exists():
            _remove(final)
        os.replace(aside, final)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise StudioError(
            f"{final} could not be written: {error}",
            "Make room on the disk, then go on with --resume; the last checkpoint is kept.",
        ) from error
    return final


def place(folder: Path, step: int) -> Path:
    """Where the adapter of `step` lies, if it was kept."""
    return folder / FOLDER / f"step-{step:06d}"


def prune(folder: Path, steps: Collection[int]) -> None:
    """Drop every kept adapter but those of `steps`."""
    names = {place(folder, step).name for step in steps}
    for found in (folder / FOLDER).glob("step-*"):
        if found.name not in names:
            _remove(found)


def _remove(kept: Path) -> None:
    """Hidden before it is deleted, so that a kill in between leaves no half of it to be found."""
    aside = kept.with_name(f".{kept.name}.gone.part")
    shutil.rmtree(aside, ignore_errors=True)
    os.replace(kept, aside)
    shutil.rmtree(aside, ignore_errors=True)
