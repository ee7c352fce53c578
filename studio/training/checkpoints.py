"""Checkpoints of a training and the journal of its losses, both written so that a kill at any
moment leaves the one before intact."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.numbers import counted
from studio.store.publish import publish, publishing, remove_folder

if TYPE_CHECKING:
    import torch


REMEDY = "Make room on the disk, then go on with --resume; the last checkpoint is kept."


@dataclass(frozen=True)
class Row:
    """One journaled figure: `at` is in milliseconds, so that a replay adds nothing to MLflow."""

    step: int
    at: int
    loss: float
    learning_rate: float
    grad_norm: float


def save(
    folder: Path, step: int, tensors: Mapping[str, torch.Tensor], state: Any, keep: int
) -> Path:
    """Publish checkpoint `step`, and drop all but the newest `keep`. The folder that holds it.

    Raises StudioError for a full disk, say; the checkpoints before are then untouched.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    for left in folder.glob(".*.part"):  # of a run that was killed: one trains at a time
        shutil.rmtree(left, ignore_errors=True)
    remedy = "Make room on the disk, then go on with --resume; the checkpoint before is kept."
    target = folder / f"step-{step:06d}"
    with publishing(target, remedy=remedy, errors=(SafetensorError,)) as aside:
        aside.mkdir()
        arrays = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        save_file(arrays, aside / "state.safetensors")
        (aside / "state.json").write_text(json.dumps({"step": step, **state}))
    for old in steps(folder)[:-keep]:
        remove_folder(folder / f"step-{old:06d}")
    return target


def steps(folder: Path) -> list[int]:
    """The finished checkpoints' steps, oldest first."""
    named = (counted(f.name[5:]) for f in folder.glob("step-*"))
    return sorted(step for step in named if step is not None)


def newest(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
    """State and tensors of the newest checkpoint that can be read, or None.

    One that a power cut tore is passed over: the one before leads to the same end.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    for step in reversed(steps(folder)):
        there = folder / f"step-{step:06d}"
        try:
            state = json.loads((there / "state.json").read_text())
            return state, load_file(there / "state.safetensors")
        except (OSError, ValueError, SafetensorError):
            continue
    return None


def append(journal: Path, rows: list[Row]) -> None:
    """Add rows to the journal and put them on the disk. Raises StudioError if it can't."""
    with _writing(journal), journal.open("a") as file:
        file.writelines(json.dumps(row.__dict__) + "\n" for row in rows)
        file.flush()
        os.fsync(file.fileno())


def read(journal: Path) -> list[Row]:
    """The journal's rows; a line torn by a kill, and what follows it, is cut off."""
    kept: list[Row] = []
    if not journal.is_file():
        return kept
    text = journal.read_text(errors="replace")
    for line in text.splitlines():
        try:
            kept.append(Row(**json.loads(line)))
        except (json.JSONDecodeError, TypeError):
            break
    whole = "".join(json.dumps(row.__dict__) + "\n" for row in kept)
    if whole != text:
        publish(journal, whole, remedy=REMEDY)
    return kept


@contextmanager
def _writing(journal: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StudioError(f"{journal} could not be written: {error}", REMEDY) from error
