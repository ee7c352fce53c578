"""Charts of a sweep in Vega-Lite: parallel coordinates of its trials, and style against prompts."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from typing import Any

from studio.training.setting_help import HELP
from studio.workflows.sweeps.study import Tried

LOSS, STYLE, PROMPT = "Validation loss", "Style similarity", "Prompt adherence (CLIP)"
BEST_TO_WORST, QUIET = ["#2f9e94", "#c9803f"], "#8a8a8a"  # seen by day and in the dark
UNBEATEN, BEATEN = "none is better in both", "another is better in both"
STYLE_FIGURE, PROMPT_FIGURE = "style_similarity", "clip_score_"


def figure(one: Tried, start: str) -> float | None:
    """The trial's figure whose name begins so."""
    return next((value for name, value in one.figures.items() if name.startswith(start)), None)


def axes(tried: Sequence[Tried]) -> dict[str, list[float | None]]:
    """The values of every trial by axis: what was tried, then how it went."""
    names = dict.fromkeys(name for one in tried for name in one.values)
    found: dict[str, list[float | None]] = {
        HELP[name].label: [one.values.get(name) for one in tried] for name in names
    }
    found[LOSS] = [one.loss for one in tried]
    found[STYLE] = [figure(one, STYLE_FIGURE) for one in tried]
    found[PROMPT] = [figure(one, PROMPT_FIGURE) for one in tried]
    return found


def parallel(tried: Sequence[Tried]) -> dict[str, Any]:
    """A line for each trial that has ended, through what it tried and how it went."""
    ended = [one for one in tried if one.loss is not None]
    values: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for name, found in axes(ended).items():
        known = [value for value in found if value is not None]
        if not known:
            continue
        low, high = min(known), max(known)
        ends += [{"axis": name, "at": 0, "says": f"{low:.4g}"}]
        ends += [{"axis": name, "at": 1, "says": f"{high:.4g}"}] if high > low else []
        for one, value in zip(ended, found, strict=True):
            if value is not None:
                at = _share(value, low, high)
                told = {"trial": one.number, "loss": one.loss, "says": f"{value:.4g}"}
                values.append({"axis": name, "at": at, **told})
    names = list(dict.fromkeys(row["axis"] for row in ends))
    best = min(ended, key=lambda one: one.loss or 0).number if ended else 0
    x: dict[str, Any] = {
        "field": "axis",
        "type": "nominal",
        "sort": names,
        "title": None,
    }
    x["axis"] = {"labelAngle": 0, "labelExpr": _labels(names), "domain": False, "grid": True}
    x["scale"] = {"type": "point", "padding": 0.4}
    y = {"field": "at", "type": "quantitative", "axis": None, "scale": {"domain": [-0.12, 1.12]}}
    colour = {
        "field": "loss",
        "type": "quantitative",
        "scale": {"range": BEST_TO_WORST},
        "legend": {"title": LOSS, "orient": "top", "gradientLength": 160},
    }
    best_is = f"datum.trial == {best}"
    thick = {"condition": {"test": best_is, "value": 5}, "value": 1.5}
    clear = {"condition": {"test": best_is, "value": 1}, "value": 0.6}
    shown = [
        {"field": n, "type": "nominal", "title": t}
        for n, t in (("trial", "Trial"), ("axis", " "), ("says", "Value"))
    ]
    return {
        "height": 340,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "line", "point": {"size": 40}},
                "encoding": {
                    "x": x,
                    "y": y,
                    "detail": {"field": "trial"},
                    "color": colour,
                    "strokeWidth": thick,
                    "opacity": clear,
                    "tooltip": shown,
                },
            },
            *(
                {
                    "data": {"values": ends},
                    "transform": [{"filter": f"datum.at == {at}"}],
                    "mark": {"type": "text", "dy": dy, "fontSize": 11, "color": QUIET},
                    "encoding": {"x": x, "y": y, "text": {"field": "says"}},
                }
                for at, dy in ((0, 14), (1, -14))
            ),
        ],
    }


def _labels(names: Sequence[str]) -> str:
    """Each axis by its name in short lines, which do not meet on a narrow screen, and which way is
    better on it; a Vega expression."""
    better = {LOSS: ["↓ is better"], STYLE: ["↑ is better"], PROMPT: ["↑ is better"]}
    lines = {name: [*textwrap.wrap(name, 12), *better.get(name, ["(tried)"])] for name in names}
    return f"{json.dumps(lines)}[datum.label]"


def front(tried: Sequence[Tried]) -> set[int]:
    """The trials that no other one beats in both style and prompts, by number."""
    known = [
        (one.number, style, prompt)
        for one in tried
        if (style := figure(one, STYLE_FIGURE)) is not None
        and (prompt := figure(one, PROMPT_FIGURE)) is not None
    ]
    return {
        number
        for number, style, prompt in known
        if not any(s >= style and p >= prompt and (s, p) != (style, prompt) for _, s, p in known)
    }


def trade_off(tried: Sequence[Tried]) -> dict[str, Any]:
    """Each trial by how well it shows what was asked and how like the style it is."""
    best = front(tried)
    lowest = min((one.loss for one in tried if one.loss is not None), default=None)
    values = [
        {
            "trial": one.number,
            "name": f"{one.number}" + (", lowest loss" if one.loss == lowest else ""),
            "style": figure(one, STYLE_FIGURE),
            "prompt": figure(one, PROMPT_FIGURE),
            "is": UNBEATEN if one.number in best else BEATEN,
        }
        for one in tried
        if figure(one, STYLE_FIGURE) is not None and figure(one, PROMPT_FIGURE) is not None
    ]
    loose = {"zero": False, "padding": 20}
    x, y = (
        {
            "field": field,
            "type": "quantitative",
            "title": f"{title} (higher is better)",
            "scale": loose,
            "axis": {"tickCount": 5},
        }
        for field, title in (("prompt", PROMPT), ("style", STYLE))
    )
    colour: dict[str, Any] = {
        "field": "is",
        "type": "nominal",
        "scale": {"domain": [UNBEATEN, BEATEN], "range": [BEST_TO_WORST[0], QUIET]},
        "legend": {"title": None, "orient": "top"},
    }
    colour["legend"] |= {"labelLimit": 300}
    told = [{"field": n, "type": "quantitative"} for n in ("trial", "prompt", "style")]
    return {
        "data": {"values": values},
        "height": 380,
        "encoding": {"x": x, "y": y, "color": colour, "tooltip": told},
        "layer": [
            {"mark": {"type": "point", "filled": True, "size": 110, "opacity": 1}},
            {
                "mark": {"type": "text", "dx": 11, "align": "left", "color": QUIET},
                "encoding": {"text": {"field": "name"}, "color": {"value": QUIET}},
            },
        ],
    }


def _share(value: float, low: float, high: float) -> float:
    """Where a value lies between both, in powers where they are far apart."""
    if high <= low:
        return 0.0
    if low > 0 and high / low >= 8:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)
