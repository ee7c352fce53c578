"""How it is drawn: seed and count first, the rest folded away as it usually is."""

from typing import Any

import streamlit as st

from pages.generate import seamless_choice, size_choice
from pages.generate.draft import FIXED, RANDOM
from studio.errors import StudioError
from studio.numbers import SEEDS, number
from studio.registry.models import Version
from studio.web import addresses
from studio.workflows.model_kinds import table as kinds

KEPT: dict[str, Any] = {"persist_state": "session"}  # a look at another page changes no setting
# From, to, and usual; and how far a picture that a command drew otherwise may go beyond.
STEPS, GUIDANCE, STRENGTH = (1, 60, 20, 200), (0.0, 15.0, 4.0, 50.0), (0.0, 2.0, 1.0, 2.0)


def settings(version: Version, draft: dict[str, Any]) -> dict[str, Any]:
    """The fields, and what they ask for; they begin with the address's, else the draft's."""
    left, right = st.columns([3, 2])
    if "seed" in st.query_params and "seeds" not in st.query_params:
        st.query_params["seeds"] = FIXED  # a link that names one
    usual = draft.get("seeds", RANDOM)
    how = left.segmented_control(
        "Seed",
        [RANDOM, FIXED],
        required=True,
        **addresses.one_of("seeds", [RANDOM, FIXED], first=usual),
    )
    count = right.slider("Pictures", 1, 16, **_number("count", draft, 1, 16, 4))
    seed = None
    if how == FIXED:
        named = _number("seed", draft, 0, SEEDS - 1, 0)
        seed = st.number_input("Seed of the first", 0, SEEDS - 1, **named)
    asked: dict[str, Any] = {"count": count, "seed": seed}
    folded = st.expander("Advanced", icon=":material/tune:")
    with folded:
        if kinds.takes(version, "steps"):
            asked["steps"] = _slider("Steps", "steps", draft, STEPS, 1)
        if kinds.takes(version, "guidance"):
            help = "How strictly it follows the prompt; high values look hard."
            asked["guidance"] = _slider("Guidance", "guidance", draft, GUIDANCE, 0.5, help)
        if kinds.takes(version, "strength"):
            help = "0 is the base without the style, 1 as it was trained."
            asked["strength"] = _slider("Style strength", "strength", draft, STRENGTH, 0.05, help)
        if kinds.takes(version, "size"):
            asked |= size_choice.chosen(version)
        if kinds.takes(version, "seamless"):
            asked |= seamless_choice.chosen(version)
    seamless_choice.told(asked)
    return asked


def ends(key: str, low: Any, high: Any, most: Any) -> tuple[Any, Any]:
    """Where a slider begins and ends: as usual, or at what was taken over from a picture that a
    command drew otherwise, up to `most` and as far below 0 where it may be below."""
    value = st.session_state.get(key, low)
    least = -most if low < 0 or key == "strength" else low
    try:
        asked = number(key, st.query_params[key], least, most)
        value = int(asked) if isinstance(low, int) else asked
    except (StudioError, KeyError):
        pass
    return min(low, value), max(high, value)


def _slider(
    label: str, key: str, draft: dict[str, Any], bounds: Any, step: Any, help: str | None = None
) -> Any:
    low, high, usual, most = bounds
    low, high = ends(key, low, high, most)
    return st.slider(
        label, low, high, step=step, help=help, **_number(key, draft, low, high, usual)
    )


def _number(key: str, draft: dict[str, Any], low: Any, high: Any, usual: Any) -> dict[str, Any]:
    kept = draft.get(key)
    fits = isinstance(kept, int | float) and low <= kept <= high
    first = type(usual)(kept) if fits else usual
    return addresses.number(key, low, high, first=first)
