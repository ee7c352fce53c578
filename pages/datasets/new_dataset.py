"""A new dataset: its name, how its pictures are shown to a model, and the first of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import streamlit as st

from pages.datasets import presentation_form, tab_state, upload
from studio import context
from studio.accounts import rights
from studio.datasets import manifests
from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import Look
from studio.settings import CHECKOUT
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

SUBJECT = "dataset/new"
RULE = "It begins with a small letter or a digit; small letters, digits, - and _ follow."


def first(studio: context.Studio) -> None:
    """The first visit: nothing is there yet."""
    st.info(
        "No dataset yet. Drop the pictures of your style below: twenty show what a style is, "
        "fifty are better. Or look around with the sample that comes with the studio.",
        icon=":material/add_photo_alternate:",
    )
    st.button(
        "Take the sample",
        icon=":material/redeem:",
        key="sample",
        on_click=_take_sample,
        **ui.only("edit datasets"),
    )
    form(studio)


def form(studio: context.Studio) -> None:
    """Asked first what holds for all pictures, then for these; nothing is there before both are."""
    st.header("New dataset")
    if not ui.may("edit datasets"):
        st.info(f"Datasets are begun by {rights.who_may('edit datasets')}.")
        return
    names = manifests.names(studio.home)
    typed = drafts.begin(SUBJECT, {"name": "", **presentation_form.saved(Look())})
    with st.container(border=True):
        name = _named(typed, names)
        look = presentation_form.fields(typed, Look())
    upload.desk(studio, upload.New(name, look, typed))
    if names:
        st.button("Cancel", key="new-not", on_click=tab_state.go, args=("Pictures",))
    drafts.tell(typed, "a new dataset")


def _named(typed: Draft, names: Sequence[str]) -> str:
    """The name, checked while it is typed; "" while it can't be one."""
    name: str = st.text_input(
        "Name of the new dataset",
        placeholder="for example characters",
        max_chars=63,
        help=RULE,
        live=True,
        **drafts.field(typed, "name"),
    )
    if not name:
        st.caption("Small letters, digits, - and _: it stands in commands and addresses.")
    elif name in names:
        st.warning(f"There is a dataset {ui.plain(name)} already.", icon=":material/edit:")
        st.button(f"Add to {ui.plain(name)}", key="new-there", on_click=_add_to, args=(name,))
    elif manifests.is_name(name):
        st.caption(f":green[:material/check: {ui.plain(name)} is free.]")
        return name
    else:
        st.warning(f"A dataset can't be called so. {RULE}", icon=":material/edit:")
        if proposed := proposed_name(name, names):
            st.button(f"Call it {proposed}", key="new-name", on_click=_call, args=(typed, proposed))
    return ""


def proposed_name(typed: str, names: Sequence[str]) -> str:
    """A name near what was typed that a dataset may have and none has; "" where there is none."""
    plain = unicodedata.normalize("NFKD", typed).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:63]
    return name if manifests.is_name(name) and name not in names else ""


def _call(typed: Draft, name: str) -> None:
    drafts.put(typed, name=name)


def _add_to(name: str) -> None:
    """The files that were dropped go along: the address names them."""
    st.session_state["set"] = name
    tab_state.go("Add")


def _take_sample() -> None:
    folder = CHECKOUT / "sample" / "train"
    import_folder(session.studio().home, "sample", folder, now=context.now(), actor=ui.person())
