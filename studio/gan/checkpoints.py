"""Checkpoints of a GAN's training: safetensors, written so that a kill leaves the one before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.numbers import counted
from studio.store.publish import publishing, remove_folder

KEPT = 2
NAME = "step-"  # and the step, in a training's folder
REMEDY = "Make room on the disk, then go on with it; the checkpoint before is kept."


def save(folder: Path, step: int, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> Path:
    """Publish the checkpoint of a step, and drop all but the newest KEPT. StudioError for a full
    disk, say."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    for left in folder.glob(".*.part"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    target = folder / f"{NAME}{step:06d}"
    with publishing(target, remedy=REMEDY, errors=(SafetensorError,)) as aside:
        aside.mkdir()
        arrays = {
            name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()
        }
        save_file(arrays, aside / "state.safetensors")
        (aside / "state.json").write_text(json.dumps({"step": step, **state}))
    for old in steps(folder)[:-KEPT]:
        remove_folder(folder / f"{NAME}{old:06d}")
    return target


def steps(folder: Path) -> list[int]:
    """The steps that have a checkpoint, the earliest first."""
    named = (counted(file.name.removeprefix(NAME)) for file in folder.glob(f"{NAME}*"))
    return sorted(step for step in named if step is not None)


def newest(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """State and tensors of the newest checkpoint that can be read, or None; one that a power cut
    tore is passed over."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    for step in reversed(steps(folder)):
        there = folder / f"{NAME}{step:06d}"
        try:
            state = json.loads((there / "state.json").read_text())
            return state, load_file(there / "state.safetensors")
        except (OSError, ValueError, SafetensorError):
            continue
    return None
