"""What is said of a prop: approved, needs an edit, rejected, and a note. It is a draft of this
person until it is saved."""

from __future__ import annotations

import streamlit as st

from pages.gallery import refusals
from pages.gallery.actions import ICONS, LABELS
from studio import context
from studio.assets import verdicts
from studio.assets.records import Asset
from studio.assets.verdicts import Judgement, Standing, Verdict
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

RIGHT = "judge pictures"


def show(studio: context.Studio, asset: Asset) -> None:
    """What is said of it now, and the fields to say something else."""
    with studio.engine.connect() as connection:
        now = verdicts.standing(connection, asset.id)
    draft = drafts.begin(f"props/{asset.id}/verdict", {"note": now.said.note})
    if now.said.verdict:
        said = f"**{verdicts.NAMES[now.said.verdict]}** by {ui.plain(now.by or '')}"
        st.markdown(f"{said}, {ui.moment(now.at)}" if now.at else said)
    with st.container(horizontal=True):
        for verdict, label in LABELS.items():
            st.button(
                label,
                key=f"props-say-{verdict}",
                icon=ICONS[verdict],
                type="primary" if now.said.verdict == verdict else "secondary",
                on_click=_say,
                args=(asset.id, now, verdict, draft),
                **ui.only(RIGHT),
            )
        if now.said.verdict:
            st.button(
                "Take the verdict back",
                type="tertiary",
                on_click=_say,
                args=(asset.id, now, None, draft),
                **ui.only(RIGHT),
            )
    box = st.expander("Note", key="props-note", on_change="rerun")
    if box.open or now.said.note:
        with box:
            st.text_area(
                "Note for whoever edits it",
                height=80,
                max_chars=verdicts.NOTE,
                **drafts.field(draft, "note"),
                **ui.only(RIGHT),
            )
            st.button(
                "Save the note",
                on_click=_say,
                args=(asset.id, now, now.said.verdict, draft),
                **ui.only(RIGHT),
            )
    drafts.tell(draft, "the note")


def _say(id: str, now: Standing, verdict: Verdict | None, draft: Draft) -> None:
    """As a callback: this is said of it, with the note that stands in the field."""
    note = str(drafts.value(draft, "note") or "")
    said = Judgement(verdict, now.said.reasons, note, now.said.pin)
    with refusals.kept():
        engine, at = session.studio().engine, context.now()
        verdicts.judge(engine, id, said, by=ui.person(), now=at, turn=now.turn)
        drafts.drop(draft)
