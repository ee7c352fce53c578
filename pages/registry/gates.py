"""How a version's gates are shown: met or missed, each with its evidence."""

import streamlit as st

from studio.database import engine as db
from studio.errors import StudioError
from studio.registry.gates import Checked
from studio.web import session, ui
from studio.workflows import release

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


def held(style: str, number: int) -> list[Checked]:
    """The style's gates held against a version; a file that is wrong is said, and keeps all out."""
    try:
        return _held(style, number, db.revision(session.studio().engine))
    except StudioError as error:
        ui.failed(error)
        return []


@st.cache_data(max_entries=64, show_spinner=False)
def _held(style: str, number: int, revision: int) -> list[Checked]:
    """For all sessions; what speaks for a version may lie in thousands of votes and pictures."""
    return release.held(session.studio(), style, number)
