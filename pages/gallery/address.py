"""What is looked for in the gallery, as the address says it; addresses of before lead here."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from studio.assets import verdicts
from studio.assets.search import Wanted
from studio.web import ui

OPEN = "Not judged yet"
VERDICTS: dict[str, str] = {"open": OPEN} | {str(v): name for v, name in verdicts.NAMES.items()}
# What the gallery's filters were called when it stood on the page Generate.
BEFORE = {"of": "style", "v": "version", "find": "text", "verdict": "verdict", "by": "by"}


def wanted() -> Wanted:
    """What the address asks for."""
    asked = st.query_params
    verdict = asked.get("verdict", "")
    return Wanted(
        style=asked.get("style", ""),
        version=ui.number_of("version"),
        verdict=verdict if verdict in VERDICTS else "",
        by=asked.get("by", ""),
        text=asked.get("text", ""),
        job=ui.number_of("job"),
        kind=asked.get("kind", ""),
        board=asked.get("board", ""),
        seam="cut" if asked.get("seam") == "cut" else "",
    )


def told(wanted: Wanted) -> dict[str, str]:
    """The address of what is looked for."""
    return {name: str(value) for name, value in vars(wanted).items() if value}


def pictures(wanted: Wanted) -> Wanted:
    """The pictures among what is looked for."""
    return replace(wanted, kind="picture")


def lead_on() -> None:
    """To the gallery, from its addresses on the page Generate, where it stood before."""
    asked = st.query_params.to_dict()
    if not asked.keys() & {*BEFORE, "page"}:
        return
    codes = {name: code for code, name in VERDICTS.items()}
    found = {BEFORE.get(name, name): text for name, text in asked.items() if text}
    found["verdict"] = codes.get(found.get("verdict", ""), "")
    st.switch_page(
        "pages/Gallery.py", query_params={name: text for name, text in found.items() if text}
    )
