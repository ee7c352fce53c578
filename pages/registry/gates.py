"""How a version's gates are shown: met or missed, each with its evidence."""

import streamlit as st

from studio.registry.gates import Checked
from studio.web import ui

OVERRIDE = "Override reason (permanent record)"
OVERRIDE_HELP = "Why it may miss a gate; everybody will read this in the history."
SIGNS = {"met": ":green[✓ met]", "missed": ":red[✗ missed]", "unknown": ":orange[? not known]"}


def shown(checked: list[Checked]) -> None:
    """Each gate with its evidence, one line each."""
    lines = [
        f"{SIGNS[one.state]} **{ui.plain(one.gate)}**: {ui.plain(one.says)} · asked: "
        f"{ui.plain(one.asks)}"
        for one in checked
    ]
    if lines:
        st.markdown("  \n".join(lines))
