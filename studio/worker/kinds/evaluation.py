"""The job that draws a version's sheet and measures it."""

from __future__ import annotations

import math
from typing import Any

from studio.worker import payloads
from studio.worker.context import Context
from studio.workflows.model_kinds import table


def evaluate(context: Context, ask: payloads.Evaluate) -> dict[str, Any]:
    """Draw the sheet and measure it."""
    found = table.evaluate(context.studio, ask.style, ask.version, context.report, ask.against)
    metrics = {name: value if math.isfinite(value) else None for name, value in found.items()}
    return {"style": ask.style, "version": ask.version, "metrics": metrics}
