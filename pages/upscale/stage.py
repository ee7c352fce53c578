"""The stage: the picture that is enlarged and its result, tile by tile, down to single pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from studio import numbers
from studio.upscaling.settings import KEY
from studio.web import components
from studio.web.upscale_states import MOST_TILES

LONGEST = 2_000  # characters of a prompt
LOOKED = "upscale-looked"


@dataclass(frozen=True)
class Shown:
    """What the stage shows. `subject` tells one picture and result from another; `size` is the
    result's; `before` and `after` are layers (`studio.web.upscale_layers`), `tiles` rows of key,
    left, top, width and height, `states` their states in the same order. `counted`: whose tokens
    are counted; `why`: what of it the person may not, and why."""

    subject: str
    size: tuple[int, int]
    sharp: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any] | None = None
    tiles: Sequence[Sequence[Any]] = ()
    states: str = ""
    job: int | None = None
    running: bool = False
    prompts: Mapping[str, Any] = field(default_factory=dict)
    prompt: str = ""
    negative: str = ""
    append: bool = True
    counted: Mapping[str, Any] | None = None
    words: bool = False
    editable: bool = False
    redo: bool = False
    why: str = ""


@dataclass(frozen=True)
class Redo:
    """A tile that is to be drawn anew, with which seed and words."""

    key: str
    seed: int
    prompt: str
    negative: str


def stage(
    shown: Shown,
    *,
    key: str,
    around: int,
    on_prompts: Callable[[], None],
    on_redo: Callable[[], None],
    on_looked: Callable[[], None],
) -> None:
    """Draw it; what a person does there is read with `prompts`, `redo` and `looked` within the
    callbacks. `around` is how many pixels of the window's height the page needs besides."""
    data = {
        "subject": shown.subject,
        "size": list(shown.size),
        "sharp": shown.sharp,
        "before": dict(shown.before),
        "after": dict(shown.after) if shown.after else None,
        "tiles": [list(tile) for tile in shown.tiles],
        "states": shown.states,
        "job": shown.job,
        "running": shown.running,
        "state": f"/upscale/state/{shown.job}?boxes=0" if shown.job else "",
        "tile": f"/upscale/tile/{shown.job}" if shown.job else "",
        "current": _current(),
        "prompts": dict(shown.prompts),
        "all": {"prompt": shown.prompt, "negative": shown.negative},
        "append": shown.append,
        "counted": dict(shown.counted) if shown.counted else None,
        "words": shown.words,
        "editable": shown.editable,
        "redo": shown.redo,
        "why": shown.why,
        "around": around,
    }
    components.screen("upscale")(
        key=key,
        data=data,
        on_prompts_change=on_prompts,
        on_redo_change=on_redo,
        on_looked_change=on_looked,
        on_ended_change=lambda: None,  # the page is drawn anew
    )


def prompts(key: str) -> dict[str, dict[str, Any]] | None:
    """What was typed for single tiles, within `on_prompts`: it comes from a browser, so that what
    is no such thing is left out, and None where nothing is."""
    told: Any = getattr(st.session_state.get(key), "prompts", None)
    if not isinstance(told, dict):
        return None
    found = {}
    for tile, one in list(told.items())[:MOST_TILES]:
        if isinstance(tile, str) and KEY.fullmatch(tile) and isinstance(one, dict):
            seed: Any = one.get("seed")
            found[tile] = {
                "prompt": _text(one, "prompt"),
                "negative": _text(one, "negative"),
                "locked": one.get("locked") is True,
                "seed": int(seed) if _is_seed(seed) else None,
            }
    return found


def redo(key: str) -> Redo | None:
    """Which tile is to be drawn anew, within `on_redo`; None where what came is none."""
    told: Any = getattr(st.session_state.get(key), "redo", None)
    if not isinstance(told, dict) or not isinstance(told.get("key"), str):
        return None
    if not _is_seed(told.get("seed")):
        return None
    seed = int(told["seed"])
    return Redo(told["key"][:40], seed, _text(told, "prompt"), _text(told, "negative"))


def looked(key: str) -> None:
    """As `on_looked`: the address is going to say which tile is looked at. What a callback itself
    wrote there would not reach the browser where a part of the page is drawn anew."""
    tile: Any = getattr(st.session_state.get(key), "looked", None)
    st.session_state[LOOKED] = tile[:40] if isinstance(tile, str) else ""


def _current() -> str:
    """The key of the tile that is looked at, as the address says it."""
    tile = st.session_state.pop(LOOKED, None)
    if tile:
        st.query_params["tile"] = tile
    elif tile is not None:
        st.query_params.pop("tile", None)
    return str(st.query_params.get("tile", ""))


def _text(told: Mapping[str, Any], name: str) -> str:
    text = told.get(name)
    return text[:LONGEST] if isinstance(text, str) else ""


def _is_seed(value: Any) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool) and 0 <= value < numbers.SEEDS
