"""The screen of frames: their order and durations, tags, the pivot, onion skin, and a player."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from studio import numbers
from studio.errors import StudioError
from studio.sheets import sheet as parts
from studio.web import components


def desk(
    frames: Sequence[Mapping[str, Any]],
    canvas: tuple[int, int],
    *,
    key: str,
    tags: Sequence[Mapping[str, Any]] = (),
    pivot: Sequence[float] = (),
    scene: Mapping[str, Any] | None = None,
    on_said: Callable[[], None] | None = None,
) -> None:
    """Draw it. Each frame is {src, box, left, top, ms, name}: an address, the part of its picture
    as left, top, width and height or None for all, and where that lies in the canvas. What may be
    changed, `on_said` is called for, see `said`; without it people only look."""
    data = {
        "frames": list(frames),
        "canvas": list(canvas),
        "tags": list(tags),
        "pivot": list(pivot) or [canvas[0] / 2, canvas[1]],
        "scene": dict(scene) if scene else None,
        "editable": on_said is not None,
        "directions": list(parts.DIRECTIONS),
    }
    screen = components.screen("animate")
    if on_said is None:
        screen(key=key, data=data)
    else:
        screen(key=key, data=data, on_said_change=on_said)


def said(key: str, count: int) -> dict[str, Any] | None:
    """What was changed on the screen with this key, within `on_said`: `order`, the frames by their
    places before, each with its duration in `ms`; `tags` and `pivot`. None where it is malformed:
    it comes from a browser."""
    told: Any = getattr(st.session_state.get(key), "said", None)
    if not isinstance(told, dict) or set(told) != {"order", "ms", "tags", "pivot"}:
        return None
    try:
        order = [numbers.whole("frame", one, 0, count - 1) for one in told["order"]]
        durations = [parts.duration(one) for one in told["ms"]]
        tags = [parts.tag_of(one) for one in told["tags"]]
        pivot = [numbers.number("pivot", one, -8192, 16384) for one in told["pivot"]]
    except (StudioError, TypeError):
        return None
    if len(order) != len(durations) or len(order) > parts.MOST_FRAMES or len(pivot) != 2:
        return None
    return {
        "order": order,
        "ms": durations,
        "tags": [asdict(tag) for tag in tags],
        "pivot": pivot,
    }
