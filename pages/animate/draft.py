"""The sheet that somebody is about to make: its frames and how they are packed, as a draft."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from studio.errors import StudioError
from studio.sheets.packing import Packing
from studio.web import drafts
from studio.web.drafts import Draft

SUBJECT = "animate/new"
NAMED = "animate-named"  # the field is drawn by then: it gets the name in the next run
LISTS = ("frames", "tags", "slices", "pivot", "colours")
OWN = ""  # in place of a palette: the colours of the frames
USUAL = Packing()
PACKING = ("way", "padding", "extrude", "trim", "power_of_two", "multiple_of_four", "merge")


def begin() -> Draft:
    """What stands in the fields, as whoever is there left it; a file may have named it."""
    packing = {name: getattr(USUAL, name) for name in PACKING}
    blends = {"drawn": "straight", "effect": "straight"}
    more = {"name": "", **blends, "palette": OWN, "pad": False, "before": ""}
    begun = drafts.begin(SUBJECT, {"said": json.dumps({}), **packing, **more})
    named = st.session_state.pop(NAMED, "")
    if named and not drafts.value(begun, "name"):
        drafts.put(begun, name=named)
    return begun


def call(name: str) -> None:
    """The sheet is called so from the next run on, unless somebody named it."""
    st.session_state[NAMED] = name


def said(draft: Draft) -> dict[str, list[Any]]:
    """The frames, tags, slices, pivot and colours, as the job `sheet` takes them."""
    try:
        told = json.loads(str(drafts.value(draft, "said")))
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return {name: held if isinstance(held := told.get(name), list) else [] for name in LISTS}


def put(draft: Draft, changed: Mapping[str, Any], **fields: Any) -> None:
    """Put these lists in place of what was there, and further fields."""
    told = {**said(draft), **{name: changed[name] for name in LISTS if name in changed}}
    drafts.put(draft, said=json.dumps(told), **fields)


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
