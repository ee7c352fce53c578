"""Real pictures of a style, to be judged against."""

from __future__ import annotations

import streamlit as st

from studio.web import record_cache, session, ui
from studio.web.markup import Shown
from studio.workflows import review_sources

SIDE = 96


def beside(style: str, number: int) -> None:
    """Some of what the version learned from; nothing where its dataset is gone."""
    version = next((v for v in record_cache.versions(style) if v.number == number), None)
    if version is None:
        return
    hashes = _hashes(style, number, version.dataset_digest)
    if hashes:
        st.caption(f"Real art of {ui.plain(style)}")
        shown = [Shown(f"/picture/data/{one}?side={2 * SIDE}", alt="Real art") for one in hashes]
        ui.pictures(shown, SIDE)


@st.cache_data(max_entries=64, show_spinner=False)
def _hashes(style: str, number: int, digest: str) -> list[str]:
    """Never other ones: a version's dataset does not change."""
    version = next(v for v in record_cache.versions(style) if v.number == number)
    return review_sources.strip(session.studio(), version)
