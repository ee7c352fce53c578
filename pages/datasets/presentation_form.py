"""How a set's pictures are shown to a model: the fields, and the part that changes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.datasets import tab_state
from studio import context, images
from studio.datasets import presentation
from studio.datasets.manifests import BEHIND, TILEABLE, Look
from studio.errors import StudioError
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

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
    """What is in force, and fields to change it, which makes a new version."""
    if wrong := st.session_state.pop("look-wrong", None):
        ui.failed(wrong)
    if said := st.session_state.pop("look-said", None):
        st.toast(ui.plain(said), icon=":material/ac_unit:")
    look = tab_state.version(name, tab_state.newest(name).digest).look
    typed = drafts.begin(f"presentation/{name}", saved(look))
    drafts.tell(typed)
    wanted = fields(typed, look)
    st.button(
        "Use this look",
        type="primary",
        key="look-use",
        on_click=_use,
        args=(name, look, typed),
        **ui.only("edit datasets", wanted == look, "It is the look already." * (wanted == look)),
    )
    st.caption("Another look is another version of the set; trainings say which one they had.")


def saved(look: Look) -> dict[str, Any]:
    """A look as the fields begin with it."""
    return {
        "behind": look.behind,
        "matte": _hex(look.matte),
        "mirror": look.mirror,
        "filter": look.filter,
        "size": look.size or 0,
        "tileable": look.tileable,
    }


def fields(typed: Draft, look: Look) -> Look:
    """The fields, and what they say; `look` is what holds now."""

    def field(name: str, help: str | None = None) -> dict[str, Any]:
        return {**drafts.field(typed, name), **ui.only("edit datasets", help=help)}

    row = st.container(horizontal=True, gap="large")  # on a phone below each other, uncut
    left, right = row.container(width=420), row.container(width=420)
    left.radio("Scaling", list(FILTERS), format_func=FILTERS.get, **field("filter"))
    # Not segmented: on a phone the last words would be cut off.
    left.radio(
        "Tileable",
        TILEABLE,
        format_func=TILEABLE_WORDS.get,
        horizontal=True,
        **field("tileable", TILEABLE_HELP),
    )
    left.checkbox("Allow horizontal flips", **field("mirror", MIRROR_HELP))
    right.radio(
        "Behind transparency", BEHIND, format_func=BEHIND_WORDS.get, **field("behind", BEHIND_HELP)
    )
    right.color_picker("The one colour", **field("matte"))
    right.number_input("Pixels a side", 0, 4096, step=8, **field("size", SIZE_HELP))
    return _said(typed, look)


def _said(typed: Draft, look: Look) -> Look:
    said = {name: drafts.value(typed, name) for name in saved(look)}
    same = said["matte"] == _hex(look.matte)  # said by name, it stays as it was said
    return replace(
        look,
        behind=said["behind"] or look.behind,
        matte=look.matte if same else said["matte"],
        filter=said["filter"] or look.filter,
        size=int(said["size"] or 0) or None,
        mirror=bool(said["mirror"]),
        tileable=said["tileable"] or "",
    )


def _use(name: str, seen: Look, typed: Draft) -> None:
    home = session.studio().home
    try:
        made = presentation.change(
            home, name, seen, _said(typed, seen), now=context.now(), actor=ui.person()
        )
    except StudioError as error:
        st.session_state["look-wrong"] = error
        return
    drafts.drop(typed)
    st.session_state["look-said"] = f"Version {made.version} is there: {made.says}"


def _hex(colour: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*images.parse_colour(colour))
