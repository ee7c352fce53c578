"""Palettes as cards: swatches in their order, who approved and locked it, which styles use it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from math import ceil
from urllib.parse import urlencode

import streamlit as st

from studio.finishing import palette_uses
from studio.finishing.palette_uses import Use
from studio.finishing.palettes import Palette
from studio.web import addresses

A_PAGE = 24


def wall(known: Sequence[Palette], used: list[Use]) -> None:
    """All that fit what is typed, some on a page."""
    if not known:
        st.info(
            "No palette yet. Bring a file in, or make one of a dataset's pictures.",
            icon=":material/palette:",
        )
        return
    found = known
    if len(known) > A_PAGE:
        words = st.text_input(
            "Find",
            placeholder="A name or a colour, as #2b1a0f",
            width=360,
            **addresses.text("find", key="find-palette"),
        )
        said = words.strip().casefold()
        found = [one for one in known if said in one.name.casefold() or said in one.colours]
    at = 1
    if (pages := ceil(len(found) / A_PAGE)) > 1:
        at = st.pagination(pages, **addresses.number("page", 1, pages, first=1))
    here = found[(at - 1) * A_PAGE : at * A_PAGE]
    st.html(f'<div class="hs-palettes">{"".join(_card(one, used) for one in here)}</div>')


def strip(colours: Sequence[str], label: str) -> str:
    """Colours side by side in their order; each one's place and hex is told where one points."""
    patches = "".join(
        f'<i style="background:{one}" title="{one}, {place} of {len(colours)}"></i>'
        for place, one in enumerate(colours, 1)
    )
    said = html.escape(f"{label}: {', '.join(colours)}", quote=True)
    return f'<div class="hs-strip" role="img" aria-label="{said}">{patches}</div>'


def _card(palette: Palette, used: list[Use]) -> str:
    where = html.escape(f"/Palettes?{urlencode({'palette': palette.name})}", quote=True)
    styles = ", ".join(one.style for one in palette_uses.of(used, palette.name))
    said = [
        f"{len(palette.colours)} colours, {len(palette.ramps)} ramps, revision {palette.revision}",
        f"approved by {palette.approved_by}" if palette.approved_by else "not approved",
        f"locked by {palette.locked_by}" if palette.locked else "",
        f"used by {styles}" if styles else "",
    ]
    about = "".join(f"<span>{html.escape(one)}</span>" for one in said if one)
    return (
        f'<article><h3><a href="{where}" target="_self">{html.escape(palette.name)}</a></h3>'
        f'<a href="{where}" target="_self" tabindex="-1" aria-hidden="true">'
        f"{strip(palette.colours, palette.name)}</a><p>{about}</p></article>"
    )
