"""The job that draws a version's sheet and measures it."""

from __future__ import annotations

import math
from typing import Any

from studio.context import Studio
from studio.datasets import versions as datasets
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome
from studio.worker.kinds.drawing import version_of
from studio.worker.payload import Payload, Text
from studio.workflows.model_kinds import table


class Evaluate(Payload):
    """A version's sheet and figures, compared with dataset `against` or its own."""

    style: Text
    version: int
    against: Text = ""


def check(studio: Studio, ask: Evaluate) -> Evaluate:
    """The version and the dataset are there; the dataset's version is pinned."""
    against = ask.against
    number = version_of(studio, ask.style, ask.version)
    if against:
        name, _, wanted = against.partition("@")
        found = datasets.load(studio.home, name, wanted or None)
        against = f"{found.name}@{found.version}"
    return ask.model_copy(update={"version": number, "against": against})


def commit(context: Context, ask: Evaluate, outcome: Outcome) -> dict[str, Any]:
    """Draw the sheet and measure it."""
    found = table.evaluate(context.studio, ask.style, ask.version, context.report, ask.against)
    metrics = {name: value if math.isfinite(value) else None for name, value in found.items()}
    return {"style": ask.style, "version": ask.version, "metrics": metrics}


KIND = Kind(
    name="evaluate",
    label="Measuring {style} version {version}",
    payload=Evaluate,
    right="evaluate",
    lane="short",
    check=check,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)
