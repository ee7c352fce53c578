"""The sheet that somebody is about to make: its frames and how they are packed, as a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import streamlit as st

from studio.errors import StudioError
from studio.sheets.packing import Packing
from studio.web import drafts
from studio.web.drafts import Draft

SUBJECT = "animate/new"
NAMED = "animate-named"  # the field is drawn by then: it gets the name in the next run
HELD = "frames"  # the field that holds all of these; other tabs are told of it by this name
LISTS = ("frames", "tags", "slices", "pivot", "colours")
OWN = ""  # in place of a palette: the colours of the frames
USUAL = Packing()
PACKING = ("way", "padding", "extrude", "trim", "power_of_two", "multiple_of_four", "merge")


def begin() -> Draft:
    """What stands in the fields, as whoever is there left it; a file may have named it."""
    packing = {name: getattr(USUAL, name) for name in PACKING}
    blends = {"drawn": "straight", "effect": "straight"}
    more = {"name": "", **blends, "palette": OWN, "pad": False, "before": ""}
    begun = drafts.begin(SUBJECT, {HELD: {}, **packing, **more})
    named = st.session_state.pop(NAMED, "")
    if named and not drafts.value(begun, "name"):
        drafts.put(begun, name=named)
    return begun


def call(name: str) -> None:
    """The sheet is called so from the next run on, unless somebody named it."""
    st.session_state[NAMED] = name


def said(draft: Draft) -> dict[str, list[Any]]:
    """The frames, tags, slices, pivot and colours, as the job `sheet` takes them."""
    told = drafts.value(draft, HELD)
    return {name: held if isinstance(held := told.get(name), list) else [] for name in LISTS}


def replaced(
    told: Mapping[str, Sequence[Any]], by: Sequence[Sequence[Mapping[str, Any]]]
) -> dict[str, list[Any]]:
    """Frames, tags and slices where each frame's place is taken by those of `by`, any number of
    them. A tag keeps all that came of its frames, and is gone with the last; a slice that began at
    a frame that went begins at the next, unless another of its name does."""
    starts = [0, *accumulate(map(len, by))]
    tags, slices = list[Any](), dict[tuple[str, int], Any]()
    for tag in told["tags"]:
        if 0 <= tag["first"] <= tag["last"] < len(by):
            first, last = starts[tag["first"]], starts[tag["last"] + 1] - 1
            if first <= last:
                tags.append({**tag, "first": first, "last": last})
    for one in sorted(told["slices"], key=lambda one: int(one.get("frame", 0))):
        if 0 <= (at := one.get("frame", 0)) < len(by) and starts[at] < starts[-1]:
            slices[one["name"], starts[at]] = {**one, "frame": starts[at]}
    frames = [dict(frame) for those in by for frame in those]
    return {"frames": frames, "tags": tags, "slices": list(slices.values())}


def put(draft: Draft, changed: Mapping[str, Any], **fields: Any) -> None:
    """Put these lists in place of what was there, and further fields."""
    told = {**said(draft), **{name: changed[name] for name in LISTS if name in changed}}
    drafts.put(draft, **{HELD: {name: held for name, held in told.items() if held}}, **fields)


def add(draft: Draft, frames: Sequence[Mapping[str, Any]]) -> None:
    """Put frames behind those that are there."""
    put(draft, {"frames": [*said(draft)["frames"], *frames]})


def payload(draft: Draft) -> dict[str, Any]:
    """What the job `sheet` is asked for. StudioError where there is no frame."""
    told = said(draft)
    if not told["frames"]:
        raise StudioError("There is no frame yet.", "Bring pictures or a file, below.")
    palette = str(drafts.value(draft, "palette"))
    return {
        **told,
        "colours": [] if palette else told["colours"],
        "name": str(drafts.value(draft, "name")),
        "packing": {name: drafts.value(draft, name) for name in PACKING},
        "drawn": str(drafts.value(draft, "drawn")),
        "effect": str(drafts.value(draft, "effect")),
        "palette": palette,
        "pad": bool(drafts.value(draft, "pad")),
        "before": str(drafts.value(draft, "before")),
    }
