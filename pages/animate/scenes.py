"""The scene of the game that frames are played in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from studio import context
from studio.web import addresses, record_cache
from studio.workflows import review_aids


def shown(studio: context.Studio, style: str) -> dict[str, Any] | None:
    """The scene of the frames' style, else of one that is chosen, since what somebody brings has
    none; None where no style has a scene."""
    if found := _of(studio, style):
        return found
    styles = dict.fromkeys(one.style for one in record_cache.versions())
    with_scene = [one for one in styles if _of(studio, one)]
    if not with_scene:
        return None
    chosen = st.selectbox(
        "In the game of",
        with_scene,
        width=260,
        help="The style whose scene the player shows.",
        **addresses.one_of("scene", with_scene),
    )
    return _of(studio, str(chosen))


def _of(studio: context.Studio, style: str) -> dict[str, Any] | None:
    if not style:
        return None
    return review_aids.scene(style, review_aids.kept_of(studio, style), ())
