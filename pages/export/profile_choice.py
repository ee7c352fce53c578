"""The profile that is taken: the address's, else the one that the person took last."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.export import profiles
from studio.export.profiles import ENGINES, Revision
from studio.web import addresses, ui

NAME = "profile"  # in the address


def chosen(studio: context.Studio, style: str = "") -> Revision | None:
    """The profile, chosen here; None where there is none yet."""
    there = {one.name: one for one in profiles.listing(studio.engine)}
    if not there:
        return None
    last = profiles.remembered(studio.engine, ui.person(), style)
    ui.gone(NAME, there, "profile {}")
    name = st.selectbox(
        "Profile",
        list(there),
        format_func=lambda one: said(there[one]) if one in there else str(one),
        **addresses.one_of(NAME, list(there), first=last),
    )
    return there.get(name)


def said(one: Revision) -> str:
    """A profile in a line."""
    place = one.profile.folder + (f"/{one.profile.below}" if one.profile.below else "")
    return f"{one.name}: {ENGINES[one.profile.engine]}, into {place}"
