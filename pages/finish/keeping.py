"""What is kept of it: a picture of its own beside the one that it came from, and files."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.finishing.steps import Steps
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.web.finishing_routes import FACTORS
from studio.workflows import finishing
from studio.workflows.finishing import RIGHT, Kept
from studio.workflows.finishing_sources import Source, name_of

HELD = "finish-kept"


@dataclass(frozen=True)
class Done:
    """What was kept last, of which subject."""

    subject: str
    kept: Kept


def one(studio: context.Studio, source: Source, steps: Steps, draft: Draft) -> None:
    """Keep this one; its files at whole factors."""
    told(draft)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Keep",
            type="primary",
            icon=":material/save:",
            shortcut="Ctrl+Enter",
            on_click=keep,
            args=([source.asset.id], source.begun, steps, draft),
            **ui.only(RIGHT, help="As a picture of its own; this one stays as it is."),
        )
        factor = st.selectbox(
            "Size to download",
            FACTORS,
            key="finish-factor",
            width=140,
            format_func=lambda f: f"{f}x" + (", native" if f == 1 else ""),
        )
        address = f"/download/finishing/{name_of(source, steps)}?factor={factor}"
        st.link_button("Download", address, icon=":material/download:")
        if steps.shadow:
            st.link_button("Shadow", f"{address}&shadow=1", icon=":material/ev_shadow:")


def keep(ids: list[str], begun: str, steps: Steps, draft: Draft) -> None:
    """As a callback: keep what the steps make of these; the fields stay as they are."""
    from studio.workflows.finishing_sources import sources

    studio = session.studio()
    with refusals.kept():
        found = sources(studio, ids, raw=begun not in ids)
        kept = finishing.keep(studio, found, steps, by=ui.person(), now=context.now())
        st.session_state[HELD] = Done(draft.subject, kept)


def told(draft: Draft) -> None:
    """What was kept last of this subject, where it is, and the way back."""
    done = st.session_state.get(HELD)
    if done is None or done.subject != draft.subject:
        return
    kept = done.kept
    if len(kept.ids) == 1:
        said = "Kept as a picture of its own."
    else:
        said = f"{len(kept.ids):,} kept."
    if kept.same:
        said = f"{said if kept.ids else ''} {len(kept.same):,} are as the steps want them already."
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/done_all: {said.strip()}", width="content")
        if len(kept.ids) == 1:
            st.page_link(
                "pages/Picture.py",
                label="See it",
                icon=":material/image:",
                query_params={"id": kept.ids[0]},
            )
        elif kept.ids:
            st.page_link("pages/Gallery.py", label="See them", icon=":material/photo_album:")
        if kept.ids:
            st.button(
                "Undo",
                shortcut="U",
                icon=":material/undo:",
                type="tertiary",
                on_click=undo,
                **ui.only(RIGHT),
            )
    for id, why in kept.left:
        st.warning(f"Picture {id} was left out. {ui.plain(why)}", icon=":material/error:")


def undo() -> None:
    """As a callback: what was kept last goes again."""
    done = st.session_state.pop(HELD, None)
    if done is not None:
        with refusals.kept():
            gone = finishing.take_back(session.studio(), done.kept.ids, by=ui.person())
            stay = len(done.kept.ids) - len(gone)
            if stay:
                st.toast(f"{stay:,} stay: somebody has judged or used them meanwhile.")


def forget(draft: Draft) -> None:
    """As a callback: the draft goes."""
    drafts.drop(draft)
