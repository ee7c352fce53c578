"""What is kept of it: a picture of its own beside the one that it came from, and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.finish.which import KEPT
from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.finishing import steps as all_steps
from studio.finishing.steps import Steps
from studio.jobs import idempotency
from studio.web import chosen_pictures, job_boxes, session, ui, where_boxes
from studio.web.drafts import Draft
from studio.web.finishing_routes import FACTORS
from studio.worker import submit
from studio.workflows import finishing
from studio.workflows.finishing import RIGHT, Kept
from studio.workflows.finishing_sources import Source, name_of, sources

HELD = "finish-kept"


@dataclass(frozen=True)
class Done:
    """What was kept last, of which subject, and the mark of its steps."""

    subject: str
    mark: str
    kept: Kept


def one(source: Source, steps: Steps, draft: Draft) -> None:
    """Keep this one; its files at whole factors."""
    told(draft)
    st.button(
        "Keep",
        type="primary",
        icon=":material/save:",
        shortcut="Ctrl+Enter",
        on_click=keep,
        args=([source.asset.id], source.begun != source.asset.id, steps, draft),
        **ui.only(RIGHT, help="As a picture of its own; this one stays as it is."),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        factor = st.selectbox(
            "Size to download",
            FACTORS,
            key="finish-factor",
            width=140,
            format_func=lambda f: f"{f}x" + (", native" if f == 1 else ""),
        )
        address = f"/download/finishing/{name_of(source, steps)}?factor={factor}"
        st.link_button("Download", address, icon=":material/download:")
        if steps.recipe.colours and steps.recipe.hard_alpha:
            st.link_button(
                "Indexed",
                f"{address}&indexed=1",
                icon=":material/palette:",
                help="8-bit PNG: its table is the palette in its order, after a transparent entry.",
            )
        if steps.shadow:
            st.link_button("Shadow", f"{address}&shadow=1", icon=":material/ev_shadow:")


def many(found: Sequence[Source], steps: Steps, draft: Draft, job: bool) -> None:
    """Keep all that are not left out; where they are too many for one answer, as a job."""
    told(draft)
    if asked_for := ui.number_of(KEPT):
        job_boxes.show(asked_for)
        st.page_link(
            "pages/Gallery.py",
            label="What the job kept",
            icon=":material/photo_album:",
            query_params={"job": str(asked_for)},
        )
    raw = any(source.begun != source.asset.id for source in found)
    if job:
        where_boxes.shown("finish")
    st.button(
        f"Keep {len(found):,}",
        type="primary",
        icon=":material/save:",
        shortcut="Ctrl+Enter",
        on_click=ask if job else keep,
        args=([source.asset.id for source in found], raw, steps, draft),
        **ui.only(RIGHT, not found, help="Each as a picture of its own; these stay as they are."),
    )
    if job:
        st.caption("So many are finished by the worker, as a job.")


def keep(ids: list[str], raw: bool, steps: Steps, draft: Draft) -> None:
    """As a callback: keep what the steps make of these; the fields stay as they are."""
    studio = session.studio()
    with refusals.kept():
        found = sources(studio, ids, raw=raw)
        if not found:
            raise StudioError(
                "This picture is not there any more.", "Choose another; what you set stays."
            )
        kept = finishing.keep(studio, found, steps, by=ui.person(), now=context.now())
        st.session_state[HELD] = Done(draft.subject, steps.mark, kept)


def ask(ids: list[str], raw: bool, steps: Steps, draft: Draft) -> None:
    """As a callback: have the worker keep what the steps make of these, however often it is hit."""
    studio, who = session.studio(), ui.person()
    payload = {"ids": ids, "raw": raw, "steps": all_steps.said_of(steps)}
    with refusals.kept():
        where = where_boxes.chosen("finish")
        key = idempotency.key(studio.engine, "finish", {**payload, "where": where}, who)
        job = submit.ask(
            studio, "finish", payload, asked_by=who, now=context.now(), key=key, where=where
        )
        st.query_params[KEPT] = str(job.id)


def is_kept(draft: Draft, steps: Steps) -> bool:
    """Whether what stands in the fields is what was kept last."""
    done = st.session_state.get(HELD)
    return done is not None and (done.subject, done.mark) == (draft.subject, steps.mark)


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
            st.page_link(
                "pages/Upscale.py",
                label="Enlarge",
                icon=":material/zoom_out_map:",
                query_params={"id": kept.ids[0]},
            )
            st.page_link(
                "pages/Props.py",
                label="Make a prop of it",
                icon=":material/deployed_code:",
                query_params={"id": kept.ids[0]},
            )
        elif kept.ids:
            st.page_link("pages/Gallery.py", label="See them", icon=":material/photo_album:")
            packed = f"/download/chosen/{chosen_pictures.offer(kept.ids)}"
            st.link_button("Zip", packed, icon=":material/folder_zip:")
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
