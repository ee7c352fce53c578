"""The screen of frames: their order and durations, tags, slices, the pivot, onion skin, and a
player."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

import streamlit as st

from studio import numbers
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.sheets import sheet as parts
from studio.web import components

KEPT = ("picture", "normal", "box", "name")  # of a frame, besides its duration
SAID = {"frames", "tags", "slices", "pivot"}


def desk(
    frames: Sequence[Mapping[str, Any]],
    canvas: tuple[int, int],
    *,
    key: str,
    tags: Sequence[Mapping[str, Any]] = (),
    slices: Sequence[Mapping[str, Any]] = (),
    pivot: Sequence[float] = (),
    scene: Mapping[str, Any] | None = None,
    on_said: Callable[[], None] | None = None,
) -> None:
    """Draw it. Each frame is {of, src, box, left, top, ms, name}: what it is for `said`, an address
    with the part of it as left, top, width and height or None for all, and where that lies in
    the canvas. What may be changed, `on_said` is called for; without it people only look."""
    data = {
        "frames": list(frames),
        "canvas": list(canvas),
        "tags": list(tags),
        "slices": list(slices),
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


def address(id: str, path: str | PurePath) -> str:
    """Where a browser gets the picture of an asset whose file to use lies there. Browsers keep it
    for good, so what is painted over anew has another address."""
    file = PurePath(path)
    if file.parent.name == gallery_table.PAINTED:
        return f"/picture/painted/{id}/{file.stem}"
    return f"/picture/asset/{id}"


def said(key: str) -> dict[str, Any] | None:
    """What was changed on the screen with this key, within `on_said`: `frames`, each as it was
    given under "of" with its `duration_ms`; `tags`, `slices` and `pivot`. None where it is nothing
    that the screen says; StudioError naming what can't be, so that nobody takes it for kept. It
    comes from a browser: whoever makes the sheet checks the frames themselves."""
    told: Any = getattr(st.session_state.get(key), "said", None)
    if not isinstance(told, dict) or set(told) != SAID:
        return None
    try:
        frames = [
            {**_of(one["of"]), "duration_ms": parts.duration(one["ms"])} for one in told["frames"]
        ]
        tags = [parts.tag_of(one) for one in told["tags"]]
        slices = [parts.slice_of(one) for one in told["slices"]]
        pivot = [numbers.number("pivot", one, -8192, 16384) for one in told["pivot"]]
    except (TypeError, KeyError):
        return None
    if len(pivot) != 2:
        return None
    if len(frames) > parts.MOST_FRAMES:
        raise StudioError(
            f"There are {len(frames):,} frames.", f"Use at most {parts.MOST_FRAMES:,}."
        )
    if max(len(tags), len(slices)) > parts.MOST_NAMED:
        raise StudioError("There are too many tags or slices.", f"Use at most {parts.MOST_NAMED}.")
    return {
        "frames": frames,
        "tags": [asdict(tag) for tag in tags],
        "slices": [parts.slice_to_json(one) for one in slices],
        "pivot": pivot,
    }


def _of(given: Any) -> dict[str, Any]:
    """A frame without its duration. TypeError for anything else."""
    if not isinstance(given, dict) or not isinstance(given.get("picture"), str):
        raise TypeError(given)
    box = given.get("box")
    if box is not None and not (
        isinstance(box, list) and len(box) == 4 and all(type(one) is int for one in box)
    ):
        raise TypeError(box)
    return {name: given[name] for name in given if name in KEPT}
