"""Losses of one or several trainings as a Vega-Lite chart: the raw line faint, the smoothed one
over it; and the checks of one, the best of them marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from studio.training.checkpoint_choice import Check
from studio.training.training_folders import Point


def losses(curves: Mapping[str, Sequence[Point]]) -> dict[str, Any]:
    """The chart of curves by the name of their training; with one there is no legend."""
    values = [
        {"step": point.step, "loss": point.loss, "smooth": point.smooth, "training": name}
        for name, points in curves.items()
        for point in points
        if math.isfinite(point.loss)
    ]
    legend = {"orient": "top", "title": None, "labelLimit": 400, "symbolOpacity": 1}
    colour: dict[str, Any] = {"field": "training", "type": "nominal", "sort": list(curves)}
    colour["legend"] = legend if len(curves) > 1 else None
    step = {"field": "step", "type": "quantitative", "title": "step"}
    told = [{"field": name, "type": "quantitative"} for name in ("step", "loss", "smooth")]

    def line(field: str, mark: dict[str, Any]) -> dict[str, Any]:
        height = {"field": field, "type": "quantitative", "title": "loss", "scale": {"zero": False}}
        return {
            "mark": {"type": "line", "clip": True, **mark},
            "encoding": {"x": step, "y": height, "color": colour, "tooltip": told},
        }

    return {
        "data": {"values": values},
        "height": 280,
        "layer": [
            line("loss", {"opacity": 0.4, "strokeWidth": 1}),
            line("smooth", {"strokeWidth": 2.5}),
        ],
    }


def checks(found: Sequence[Check], kept: int) -> dict[str, Any]:
    """The validation loss by step; the step that is `kept` is a large point."""
    values = [
        {"step": one.step, "loss": one.loss, "is": "kept" if one.step == kept else "checked"}
        for one in found
        if math.isfinite(one.loss)
    ]
    x = {"field": "step", "type": "quantitative", "title": "step"}
    y = {"field": "loss", "type": "quantitative", "title": "validation loss"}
    size = {"condition": {"test": "datum.is == 'kept'", "value": 220}, "value": 50}
    told = [{"field": "step", "type": "quantitative"}, {"field": "loss", "type": "quantitative"}]
    return {
        "data": {"values": values},
        "height": 200,
        "encoding": {"x": x, "y": {**y, "scale": {"zero": False}}, "tooltip": told},
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 1.5}},
            {"mark": {"type": "point", "filled": True}, "encoding": {"size": size}},
        ],
    }
