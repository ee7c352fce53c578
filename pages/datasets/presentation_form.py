"""The tab of the look: how this set's pictures are shown to a model."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.datasets import tab_state
from studio import context, images
from studio.datasets import presentation
from studio.datasets.manifests import BEHIND, TILEABLE, Look
from studio.errors import StudioError
from studio.web import ui

BEHIND_WORDS = {
    "solid": "One colour",
    "random": "A random colour each time",
    "edge-bleed": "The drawing's own edge colours, spread outwards",
}
BEHIND_HELP = (
    "For bases that know no transparency. With one colour, what is generated can be cut out of it "
    "again; a random one keeps the style from learning a background."
)
FILTERS = {
    "nearest": "Pixel art: whole factors, never blurred",
    "box": "Averaged",
    "lanczos": "Painted or drawn: smooth",
}
TILEABLE_WORDS = {"": "No", "xy": "X and Y", "x": "X only", "y": "Y only"}
TILEABLE_HELP = (
    "Textures and tiles whose one edge continues at the other: over the sides (X), over top and "
    "bottom (Y). A training rolls them at random, so that the edges are learned like the middle; "
    "pixel art by whole pixels."
)
SIZE_HELP = "0: as large as the base draws best."
MIRROR_HELP = (
    "A mirrored picture is as good as it is. Leave it off where light falls from one side, or with "
    "letters and faces."
)


def tab(studio: context.Studio, name: str) -> None:
    """What is in force, and a form to change it, which makes a new version."""
    look = tab_state.version(name, tab_state.newest(name).digest).look
    with st.form(f"look-{name}-{hash(look)}", border=False):
        left, right = st.columns(2)
        behind = left.radio(
            "Behind transparency",
            BEHIND,
            BEHIND.index(look.behind),
            format_func=BEHIND_WORDS.get,
            help=BEHIND_HELP,
        )
        matte = left.color_picker("The one colour", _hex(look.matte))
        mirror = left.checkbox("Allow horizontal flips", look.mirror, help=MIRROR_HELP)
        filter = right.radio(
            "Scaling", list(FILTERS), list(FILTERS).index(look.filter), format_func=FILTERS.get
        )
        size = right.number_input("Pixels a side", 0, 4096, look.size or 0, step=8, help=SIZE_HELP)
        # Not segmented: on a phone the last words would be cut off.
        tileable = right.radio(
            "Tileable",
            TILEABLE,
            TILEABLE.index(look.tileable),
            format_func=TILEABLE_WORDS.get,
            horizontal=True,
            help=TILEABLE_HELP,
        )
        sent = st.form_submit_button("Use this look", type="primary", **ui.only("edit datasets"))
    st.caption("Another look is another version of the set; trainings say which one they had.")
    if sent:
        same = matte == _hex(look.matte)  # said by name, it stays as it was said
        wanted = replace(
            look,
            behind=behind or look.behind,
            matte=look.matte if same else matte,
            filter=filter or look.filter,
            size=int(size) or None,
            mirror=mirror,
            tileable=tileable or "",
        )
        _use(studio, name, look, wanted)


def _use(studio: context.Studio, name: str, seen: Look, wanted: Look) -> None:
    if wanted == seen:
        st.info("That is the look already.")
        return
    try:
        presentation.change(studio.home, name, seen, wanted, now=context.now(), actor=ui.person())
    except StudioError as error:
        ui.failed(error)
        return
    st.rerun()


def _hex(colour: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*images.parse_colour(colour))
