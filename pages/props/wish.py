"""One wish: its specification, editable field by field; pictures drawn of it, to choose from; and
what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.props import beginning, by_provider, drawing, relatives, starting, which
from pages.props.by_provider import From
from studio import context
from studio.props import specification
from studio.props.specification import EXPANDED, FIELDS, LISTS, OWN
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.workflows import wishes
from studio.workflows.props import RIGHT
from studio.workflows.wishes import Wish

EDITED = "props-wish"  # edited in a callback; the address says it once the page is drawn
LABELS = {
    "expanded_prompt": ("What is to be seen", "One paragraph: shape, parts, colours, materials."),
    "style_keywords": ("Style", "Words for the look, with commas between them."),
    "primary_colors": ("Colours", "The main ones, with commas between them."),
    "materials": ("Materials", "What it is made of, with commas between them."),
    "key_features": ("Features", "What must not be missing, with commas between them."),
}
BY = {"rules": "Expanded by rules", "hand": "Written by hand", "chat": "Expanded by"}


def show(studio: context.Studio, id: str) -> None:
    """The wish that the address names; that there is none is said."""
    found = wishes.of_ids(studio.engine, [id])
    if not found:
        st.warning("This wish is not there any more. Say another.", icon=":material/search_off:")
        beginning.show(studio)
        return
    _desk(studio, found[0])


@st.fragment
def _desk(studio: context.Studio, wish: Wish) -> None:
    starting.tell()
    if (edited := st.session_state.pop(EDITED, "")) and edited != wish.id:
        which.go({"wish": edited})
        st.rerun()
    with st.container(horizontal=True):
        st.page_link(which.PAGE, label="Another wish or picture", icon=":material/arrow_back:")
        if wish.parent:
            st.page_link(
                which.PAGE,
                label="Undo: the wish before",
                icon=":material/undo:",
                query_params={"wish": wish.parent},
            )
    st.subheader(ui.plain(wish.specification.original_prompt))
    model = f" {wish.model}" if wish.by == "chat" else ""
    style = f", for {wish.style}" if wish.style else ""
    st.caption(
        f"{BY[wish.by]}{ui.plain(model)}{ui.plain(style)}, by {ui.plain(wish.person)}, "
        f"{ui.moment(wish.at)}"
    )
    job = starting.watched(studio)
    left, right = st.columns([1, 1], gap="large")
    with left:
        draft = _fields(wish)
    with right:
        drawing.show(studio, wish, saved=not _changes(wish, draft), job=job)
    _by_words(studio, wish)
    relatives.show(studio, wish.id)


def _fields(wish: Wish) -> Draft:
    """The specification, which is a draft until it is kept."""
    told = _told(wish)
    draft = drafts.begin(f"props/wish/{wish.id}", told)
    for name in FIELDS:
        if name == OWN:
            continue
        label, help = LABELS[name]
        many = name not in LISTS
        given: dict[str, Any] = {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}
        if many:
            st.text_area(label, height=130, max_chars=EXPANDED, **given)
        else:
            st.text_input(label, max_chars=EXPANDED, **given)
    changes = _changes(wish, draft)
    st.button(
        "Keep these words",
        icon=":material/save:",
        on_click=_keep,
        args=(wish, draft),
        **ui.only(RIGHT, not changes, help="As a new wish; this one stays, and undo leads back."),
    )
    drafts.tell(draft)
    with st.expander("What is drawn by", key="props-prompt"):
        st.text(wish.prompt)
        st.caption("The style's trigger word comes before it, from the registry.")
    return draft


def _told(wish: Wish) -> dict[str, str]:
    told = specification.as_json(wish.specification)
    return {
        name: ", ".join(told[name]) if name in LISTS else str(told[name])
        for name in FIELDS
        if name != OWN
    }


def _changes(wish: Wish, draft: Draft) -> dict[str, str]:
    told = _told(wish)
    now = {name: str(drafts.value(draft, name)) for name in told}
    return {name: text for name, text in now.items() if text != told[name]}


def _keep(wish: Wish, draft: Draft) -> None:
    """As a callback: a new wish with these words; this one stays."""
    with refusals.kept():
        engine, now = session.studio().engine, context.now()
        made = wishes.edit(engine, wish.id, _changes(wish, draft), by=ui.person(), now=now)
        drafts.drop(draft)
        st.session_state[EDITED] = made.id


def _by_words(studio: context.Studio, wish: Wish) -> None:
    """A model by a service from words alone, folded away: it costs money."""
    box = st.expander("3D from words alone, by a service", key="props-words", on_change="rerun")
    if not box.open:
        return
    with box:
        given = {"wish": wish.id, "style": wish.style}
        name = wish.specification.original_prompt[:60]
        of = From("text", f"props/wish/{wish.id}", given, name, wish.prompt)
        by_provider.show_from(studio, of)
