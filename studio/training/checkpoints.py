"""Checkpoints of a training and the journal of its losses, both written so that a kill at any
moment leaves the one before intact."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError

if TYPE_CHECKING:
    import torch


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
) -> None:
    """Write checkpoint `step` aside, rename it, and drop all but the newest `keep`."""
    from safetensors.torch import save_file

    final = folder / f"step-{step:06d}"
    aside = folder / f".step-{step:06d}.part"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        save_file(
            {k: v.detach().cpu().contiguous() for k, v in tensors.items()},
            aside / "state.safetensors",
        )
        (aside / "state.json").write_text(json.dumps({"step": step, **state}))
        shutil.rmtree(final, ignore_errors=True)
        os.replace(aside, final)
    except Exception as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise StudioError(
            f"Checkpoint {final} could not be written: {error}",
            "Make room on the disk, then go on with --resume; the checkpoint before is kept.",
        ) from error
    for old in steps(folder)[:-keep]:
        shutil.rmtree(folder / f"step-{old:06d}", ignore_errors=True)


def steps(folder: Path) -> list[int]:
    """The finished checkpoints' steps, oldest first."""
    return sorted(int(f.name[5:]) for f in folder.glob("step-*") if f.name[5:].isdigit())


def newest(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
    """State and tensors of the newest checkpoint, or None."""
    from safetensors.torch import load_file

    found = steps(folder)
    if not found:
        return None
    last = folder / f"step-{found[-1]:06d}"
    return json.loads((last / "state.json").read_text()), load_file(last / "state.safetensors")


def append(journal: Path, rows: list[Row]) -> None:
    """Add rows to the journal and put them on the disk."""
    with journal.open("a") as file:
        file.writelines(json.dumps(row.__dict__) + "\n" for row in rows)
        file.flush()
        os.fsync(file.fileno())


def read(journal: Path) -> list[Row]:
    """The journal's rows; a line torn by a kill, and what follows it, is cut off."""
    kept: list[Row] = []
    if journal.is_file():
        for line in journal.read_text().splitlines():
            try:
                kept.append(Row(**json.loads(line)))
            except (json.JSONDecodeError, TypeError):
                break
        aside = journal.with_suffix(".part")
        aside.write_text("".join(json.dumps(row.__dict__) + "\n" for row in kept))
        os.replace(aside, journal)
    return kept
