"""What the eye sees of a picture, before and after, and where real art of its style lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple

import numpy as np
import streamlit as st

from studio.finishing import doubts
from studio.finishing.by_hand import Finished
from studio.pixels.figures import PixelFigures
from studio.web import record_cache, session
from studio.workflows import real_figures
from studio.workflows.real_figures import Ranges


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %" if 0 < value < 0.1 else f"{100 * value:.0f} %"


FIGURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "colours": ("Colours", _count),
    "half_transparent": ("Half-transparent", _share),
    "orphans": ("Orphan pixels", _share),
}


REMEDIES = {
    doubts.NO_GRID: "Set one by hand below the picture, or choose None under Grid.",
    doubts.PHOTOGRAPH: "A grid set by hand makes pixels of it; no step finds those of an artist.",
    doubts.NO_GROUND: "Nothing was taken away: cut it out in a painting program.",
    doubts.ONE_COLOUR: "Take a palette of more.",
    doubts.EMPTY: "Take the background away less, or cut less off.",
    doubts.NOT_SEEN: "It is transparent everywhere.",
}


def show(style: str, done: Finished) -> None:
    """One picture's figures in one line, and what is odd about it."""
    height, width = done.rgba.shape[:2]
    st.markdown(f"{_line(style, done.before, done.after)} · {width} x {height} px")
    for code in done.doubts:
        st.caption(f":orange[:material/error: {doubts.SAYS[code]}.] {REMEDIES[code]}")


def medians(style: str, found: Sequence[Finished]) -> None:
    """The medians of many in one line."""
    if found:
        before, after = (
            PixelFigures(*np.median([astuple(one) for one in each], axis=0))
            for each in ([one.before for one in found], [one.after for one in found])
        )
        st.caption(f"Medians: {_line(style, before, after)}")


def _line(style: str, before: PixelFigures, after: PixelFigures) -> str:
    real = ranges(style)
    parts = []
    for name, (label, said) in FIGURES.items():
        was, now = getattr(before, name), getattr(after, name)
        text = f"{label} {said(was)} → **{said(now)}**"
        if name in real:
            low, high = real[name]
            inside = low <= now <= high
            sign = ":green[:material/check:]" if inside else ":orange[:material/error:]"
            text += f" {sign} real art {_between(said(low), said(high))}"
        parts.append(text)
    return " · ".join(parts)


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def ranges(style: str) -> Ranges:
    """Real art's range of each figure, of the dataset that the style's newest version learned."""
    newest = next(iter(record_cache.versions(style)), None) if style else None
    return _ranges(newest.dataset, newest.dataset_digest) if newest else {}


@st.cache_data(max_entries=32, show_spinner=False)
def _ranges(dataset: str, digest: str) -> Ranges:
    """Never other ones: a dataset's version does not change."""
    return real_figures.ranges(session.studio().home, dataset, digest)
