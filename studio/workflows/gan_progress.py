"""How a GAN's training stands, read from its folder while it runs; nothing is written there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.jobs.emit import JOURNAL
from studio.workflows.gan_task import BATCH, GRIDS

GRID = re.compile(r"epoch-([0-9]{6,9})-step-([0-9]{8,9})\.png")
POINTS = 400  # of a line on a chart


@dataclass(frozen=True)
class Grid:
    """The pictures of the fixed seeds after an epoch, by their file's name."""

    file: str
    epoch: int
    step: int


def place(home: Path, style: str, run: str) -> Path | None:
    """A training's folder; None where the names are none."""
    named = re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", style) and re.fullmatch(r"[0-9a-f]{32}", run)
    return home / "runs" / style / run if named else None


def grids(folder: Path) -> list[Grid]:
    """The grids so far, in order."""
    found = []
    for file in (folder / GRIDS).glob("epoch-*.png"):
        if told := GRID.fullmatch(file.name):
            found.append(Grid(file.name, int(told[1]), int(told[2])))
    return sorted(found, key=lambda one: one.step)


def file(home: Path, style: str, run: str, name: str) -> Path:
    """Where a grid, or the first batch, lies; StudioError for what is none."""
    folder = place(home, style, run)
    known = folder is not None and (name == BATCH or GRID.fullmatch(name))
    if folder is None or not known:
        raise StudioError(f"There is no grid {name[:80]!r}.", "Look at the training's page again.")
    return folder / name if name == BATCH else folder / GRIDS / name


def figures(folder: Path) -> list[dict[str, float]]:
    """Losses of steps: rows with `step` and each figure by its name, thinned to about POINTS."""
    rows = [{"step": body["step"], **body["values"]} for body in _told(folder, "figures")]
    return rows[:: max(1, len(rows) // POINTS)]


def checks(folder: Path) -> list[dict[str, float]]:
    """The checks: rows with `step`, kid, vendi and coverage."""
    return [{"step": body["step"], **body["figures"]} for body in _told(folder, "check")]


def chart(
    rows: Sequence[dict[str, float]], names: Sequence[str], height: int = 200
) -> dict[str, Any]:
    """Lines of some figures by step, for Vega-Lite."""
    values = [
        {"step": row["step"], "what": name, "value": row[name]}
        for row in rows
        for name in names
        if math.isfinite(row.get(name, math.nan))
    ]
    legend = {"orient": "top", "title": None} if len(names) > 1 else None
    return {
        "data": {"values": values},
        "height": height,
        "mark": {"type": "line", "point": len(rows) < 60},
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "title": "step"},
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": names[0] if len(names) == 1 else None,
            },
            "color": {"field": "what", "type": "nominal", "sort": list(names), "legend": legend},
            "tooltip": [{"field": name} for name in ("step", "what", "value")],
        },
    }


def _told(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The events of a kind; what is being written is left out."""
    found = []
    try:
        lines = (folder / JOURNAL).read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        if f'"kind": "{kind}"' not in line:
            continue
        try:
            found.append(json.loads(line)["body"])
        except (ValueError, KeyError):
            break
    return found
