"""The way to a verdict as a Vega-Lite chart: share and band after each finished block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studio.review.statistics import Step


def band(steps: Sequence[Step], name: str, blocks: str) -> dict[str, Any]:
    """`name` is the side whose share is shown; `blocks` what is counted along the bottom."""
    values = [
        {"n": one.blocks, "share": one.share, "low": one.low, "high": one.high, "e": one.e}
        for one in steps
    ]
    along = {"field": "n", "type": "quantitative", "title": blocks, "axis": {"tickMinStep": 1}}
    height = {
        "type": "quantitative",
        "title": f"share of {name}"[:60],
        "scale": {"domain": [0, 1]},
        "axis": {"format": "%"},
    }
    told = [
        {"field": "n", "title": blocks},
        {"field": "share", "format": ".0%", "title": "share"},
        {"field": "low", "format": ".0%", "title": "band from"},
        {"field": "high", "format": ".0%", "title": "to"},
        {"field": "e", "format": ".3g", "title": "evidence"},
    ]
    return {
        "data": {"values": values},
        "height": 220,
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.3, "interpolate": "step-after"},
                "encoding": {
                    "x": along,
                    "y": {"field": "low", **height},
                    "y2": {"field": "high"},
                    "tooltip": told,
                },
            },
            {
                "mark": {"type": "line", "strokeWidth": 2.5, "interpolate": "step-after"},
                "encoding": {"x": along, "y": {"field": "share", **height}, "tooltip": told},
            },
            {
                "mark": {"type": "rule", "strokeDash": [5, 4]},
                "encoding": {"y": {"datum": 0.5, "type": "quantitative"}},
            },
        ],
    }
