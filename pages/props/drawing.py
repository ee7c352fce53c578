"""Pictures of a wish: drawn by what is in production, several to choose from, before anything is
made 3D or paid for."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from pages.generate.picture_walls import wall
from pages.props import starting, which
from studio import context, numbers
from studio.assets import family
from studio.generation import gallery_table
from studio.jobs.table import Job
from studio.web import addresses, drafts, record_cache, ui
from studio.web.drafts import Draft
from studio.workflows.model_kinds import table as kinds
from studio.workflows.props import RIGHT
from studio.workflows.wishes import Wish

KIND = "generate"
SHOWN, SIDE = 32, 160
BEGUN: dict[str, Any] = {"count": 4, "steps": 20, "guidance": 4.0, "seed": None, "negative": ""}
OPENED = "props-drawn"


def show(studio: context.Studio, wish: Wish, *, saved: bool, job: Job | None) -> None:
    """The button, what can be set, and the pictures that there are; a click takes one on to 3D."""
    styles = sorted({one.style for one in record_cache.versions() if kinds.draws(one)})
    if not styles:
        st.info("There is no style yet that draws. Take a picture from elsewhere instead.")
        st.page_link(which.PAGE, label="A picture", icon=":material/image:")
        return
    ui.gone("style", styles, "style {}")
    style = st.selectbox(
        "Draw it in the style",
        styles,
        help="What is in production draws, or a rollout's version for you.",
        **addresses.one_of("style", styles, first=wish.style),
    )
    draft = drafts.begin(f"props/wish/{wish.id}/drawing", BEGUN)
    _fields(draft)
    payload = {
        "style": str(style),
        "prompt": wish.prompt,
        "wish": wish.id,
        **{name: drafts.value(draft, name) for name in BEGUN},
    }
    seed = drafts.value(draft, "seed")
    seeded = {**payload, "seed": secrets.randbelow(2**31) if seed is None else seed}
    st.button(
        "Draw pictures",
        key="props-draw",
        type="primary",
        icon=":material/brush:",
        shortcut="Ctrl+Enter",
        on_click=starting.ask,
        args=(KIND, payload, seeded),
        **ui.only(RIGHT, not saved, help="Several, to choose from; nothing is paid for."),
    )
    if not saved:
        st.caption("Keep the words first: pictures are drawn of a wish as it is kept.")
    drafts.tell(draft, "how it is drawn")
    _choose(studio, wish, job)


def _fields(draft: Draft) -> None:
    st.number_input("Pictures", 1, 64, **_field(draft, "count", "That you can choose among."))
    box = st.expander("How it is drawn", key="props-drawing", on_change="rerun")
    if not box.open:
        return
    with box:
        st.slider("Steps", 1, 200, **_field(draft, "steps", "More take longer, and may be finer."))
        st.slider(
            "Guidance (CFG)",
            0.0,
            50.0,
            step=0.5,
            **_field(draft, "guidance", "How closely the words are followed."),
        )
        st.number_input(
            "Seed",
            0,
            numbers.SEEDS - 1,
            None,
            placeholder="another each time",
            **_field(draft, "seed", "The same seed draws the same picture."),
        )
        st.text_input(
            "Negative prompt",
            max_chars=2000,
            **_field(draft, "negative", "What is not to be seen."),
        )


def _field(draft: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}


def _choose(studio: context.Studio, wish: Wish, job: Job | None) -> None:
    """The pictures of this wish, the newest first."""
    mine = [
        one.id for one in family.children(studio.engine, wish.id) if one.kind == gallery_table.KIND
    ]
    drawn = gallery_table.of_ids(studio.engine, list(reversed(mine))[:SHOWN])
    if not drawn:
        return
    st.caption("Choose one: a click leads on to 3D.")
    wall(drawn, key=OPENED, side=SIDE, on_opened=_take)
    if taken := st.session_state.pop("props-taken", ""):
        which.go({"id": taken})
        st.rerun()


def _take(id: str) -> None:
    """As a callback: the picture that was clicked; the address says it once the page is drawn."""
    st.session_state["props-taken"] = id
