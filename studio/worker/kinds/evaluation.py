"""The job that draws a version's sheet and measures it."""

from __future__ import annotations

import math
from typing import Any

from studio.worker import payloads
from studio.worker.context import Context
from studio.workflows.evaluate import evaluate_version


def evaluate(context: Context, ask: payloads.Evaluate) -> dict[str, Any]:
    """Draw the sheet and measure it."""
    found = evaluate_version(context.studio, ask.style, ask.version, context.report, ask.against)
    metrics = {name: value if math.isfinite(value) else None for name, value in found.items()}
    return {"style": ask.style, "version": ask.version, "metrics": metrics}
