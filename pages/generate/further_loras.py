"""Other versions on the same base, which act beside the style's own."""

from typing import Any

import streamlit as st

from pages.generate.settings import KEPT
from studio.registry.models import Version
from studio.web import session, ui
from studio.workflows.model_kinds import table as kinds
from studio.workflows.version_loading import base_of

MOST = 4


def mixed(version: Version, found: list[Version]) -> list[dict[str, Any]]:
    """Those that are chosen, each with its strength."""
    studio, state = session.studio(), st.session_state
    base = base_of(studio, version)
    others = {
        f"{v.style} version {v.number}": v
        for v in found
        if (v.style, v.number) != (version.style, version.number)
        and kinds.is_adapter(v)
        and base_of(studio, v) == base
    }
    chosen = [name for name in state.get("others", []) if name in others]
    # What is folded away is not drawn: the page is there sooner.
    box = st.expander("Mix in other styles", key="mix", on_change="rerun", icon=":material/layers:")
    if chosen and not box.open:
        st.caption(f"Mixed in: {ui.plain(', '.join(chosen))}")
    with box:
        if box.open and not others:
            st.caption("There is no other version on this base yet.")
        if box.open and others:
            state["others"] = chosen
            chosen = st.multiselect(
                "Further LoRAs",
                list(others),
                max_selections=MOST,
                key="others",
                help="Or in the prompt: `<lora:style:0.6>`, `<lora:style:2:0.6>` for version 2.",
                **KEPT,
            )
        return [
            {
                "style": others[name].style,
                "version": others[name].number,
                "strength": _strength(name, bool(box.open)),
            }
            for name in chosen
        ]


def _strength(name: str, open: bool) -> float:
    key = f"strength of {name}"
    held = float(st.session_state.get(key, 0.6))
    if not open:
        return held
    low, high = min(-1.0, held), max(2.0, held)
    return float(st.slider(f"Strength of {name}", low, high, 0.6, 0.05, key=key, **KEPT))
