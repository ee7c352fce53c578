"""Over which edges the pictures are to fit, so that they repeat; and whether holes stay in them."""

from typing import Any

import streamlit as st

from studio.diffusion import opaque_fill
from studio.generation.seam_verdicts import WAYS
from studio.registry.models import Version
from studio.web import addresses, session
from studio.workflows import seamless_styles

KEPT: dict[str, Any] = {"persist_state": "session"}
NAMED: list[str] = list(WAYS)
FILLED, OPEN = "filled", "open"
HOLES = {FILLED: "Filled", OPEN: "Kept"}
SEAMLESS_HELP = (
    "Seamless textures: what leaves on one side comes in on the other, so that the picture repeats "
    "without a seam. A style of a tileable dataset begins with its dataset's way."
)
HOLES_HELP = (
    "A base that was taught sprites leaves parts of a texture transparent. Filled, it draws on "
    "over all of the picture."
)


def chosen(version: Version) -> dict[str, str]:
    """`seamless` and `fill` for a job's payload."""
    proposed = seamless_styles.proposed(session.studio(), version)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = addresses.one_of(
            "seamless",
            NAMED,
            first=proposed,
            key=f"seamless of {version.style} {version.number}",
            spelled=lambda way: way or "no",
        )
        way = st.selectbox(
            "Seamless",
            NAMED,
            format_func=lambda way: WAYS[way],
            width=190,
            help=SEAMLESS_HELP,
            **named,
            **KEPT,
        )
        if not way:
            return {"seamless": "", "fill": opaque_fill.OPAQUE}
        held = addresses.one_of("holes", list(HOLES), key="holes of textures")
        holes = st.segmented_control(
            "Holes",
            list(HOLES),
            format_func=lambda one: HOLES[one],
            required=True,
            help=HOLES_HELP,
            **held,
            **KEPT,
        )
    return {"seamless": way, "fill": "" if holes == OPEN else opaque_fill.OPAQUE}


def told(asked: dict[str, Any]) -> None:
    """A line of it where the fields are folded away."""
    if way := asked.get("seamless"):
        holes = "holes filled" if asked["fill"] else "with its holes"
        st.caption(f"Seamless: {WAYS[way]}, {holes}")
