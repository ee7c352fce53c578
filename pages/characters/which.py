"""Which character is looked at: the address's, else the first."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.characters import characters
from studio.characters.characters import Revision
from studio.web import addresses, ui

NAME = "character"  # in the address


def chosen(studio: context.Studio) -> Revision | None:
    """The character, chosen here; None where there is none yet."""
    there = {one.name: one for one in characters.listing(studio.engine)}
    ui.gone(NAME, there, "character {}")
    if not there:
        st.info("No character yet. Make the first one here.")
        return None
    name = st.selectbox("Character", list(there), **addresses.one_of(NAME, list(there)))
    return there.get(str(name))
