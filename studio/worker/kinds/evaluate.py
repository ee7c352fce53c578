"""The job that draws a version's sheet and measures it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from studio.context import Studio, now
from studio.datasets import versions as datasets
from studio.jobs.emit import Emit
from studio.tracking.runs import check_open
from studio.worker import steps
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds.drawing import version_of
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import evaluate
from studio.workflows.model_kinds.kind import Evaluated, Evaluator

SHEET = "sheet"  # in the folder that the job computes in


class Evaluate(Payload):
    """A version's sheet and figures, compared with dataset `against` or its own."""

    style: Text
    version: Counted
    against: Text = ""


def check(studio: Studio, ask: Evaluate) -> Evaluate:
    """The version, its run and the dataset are there; the dataset's version is pinned."""
    against = ask.against
    version = version_of(studio, ask.style, ask.version)
    check_open(studio.client, version.run_id, f"{ask.style} version {version.number}")
    if against:
        name, _, wanted = against.partition("@")
        found = datasets.load(studio.home, name, wanted or None)
        against = f"{found.name}@{found.version}"
    return ask.model_copy(update={"version": version.number, "against": against})


def prepare(context: Context, ask: Evaluate) -> Work:
    """What its kind measures it by, with the pictures of datasets and the other files."""
    evaluator = evaluate.asked(context.studio, ask.style, ask.version, ask.against)
    files = evaluate.files_of(context.studio, evaluator)
    return Work(
        context.workdir, evaluator, {hash: Input(hash, path) for hash, path in files.items()}
    )


def compute(
    inputs: Mapping[str, Input], evaluator: Evaluator, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Draw the sheet and measure it."""
    files = {hash: file.path for hash, file in inputs.items()}
    found = evaluator(files, workdir / SHEET, models.device, emit.say)
    sheet = sorted(file for file in (workdir / SHEET).iterdir() if file.is_file())
    return Outcome(
        {**asdict(found), "at": now().isoformat()},
        {f"{SHEET}/{file.name}": steps.digest(file) for file in sheet},
    )


def commit(context: Context, ask: Evaluate, outcome: Outcome) -> dict[str, Any]:
    """Put sheet and figures in place of the version's own."""
    told = outcome.figures
    found, at = Evaluated(told["figures"], told["tags"]), datetime.fromisoformat(told["at"])
    evaluate.keep(context.studio, ask.style, ask.version, found, context.workdir / SHEET, at)
    metrics = {
        name: value if math.isfinite(value) else None for name, value in found.figures.items()
    }
    return {"style": ask.style, "version": ask.version, "metrics": metrics}


KIND = Kind(
    name="evaluate",
    label="Measuring {style} version {version}",
    payload=Evaluate,
    right="evaluate",
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)
