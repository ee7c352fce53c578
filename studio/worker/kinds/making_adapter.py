"""What the kinds of job that make an adapter of others have in common: making and registering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.jobs.emit import Emit
from studio.store.publish import remove_folder
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Outcome, Work
from studio.worker.steps import digest
from studio.workflows import new_adapters
from studio.workflows.new_adapters import New, Task
from studio.workflows.version_loading import FILE, as_record

FOLDER = "adapter"  # in the computation's


def work(context: Context, task: Task, files: Sequence[Path]) -> Work:
    """What is to be made of these files, which are in the order of the task's names."""
    with new_adapters.room(context.studio, files):
        pass  # or it is refused before anything is computed
    named = zip(task.names, files, strict=True)
    return Work(_workdir(context), task, {name: Input(digest(file), file) for name, file in named})


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """The adapter's file, checked against the base, and all that is registered with it."""
    files = [inputs[name].path for name in task.names]
    new = new_adapters.write(task, files, workdir / FOLDER)
    made = f"{FOLDER}/{FILE}"
    return Outcome(asdict(new), {made: digest(workdir / made)})


def commit(context: Context, ask: Any, outcome: Outcome) -> dict[str, Any]:
    """Register it, once; the registry has the file then, and the job's own is taken away."""
    job, workdir = context.job, _workdir(context)
    made = new_adapters.register(
        context.studio,
        New(**outcome.figures),
        workdir / FOLDER,
        by=job.asked_by,
        mark=f"job {job.id} asked {job.asked_at}",
    )
    context.report(f"{made.style} version {made.number} is a candidate.")
    remove_folder(workdir)
    return as_record(made)


def _workdir(context: Context) -> Path:
    return context.studio.home / context.job.folder / "work"
