"""What is said of a picture, and the fields to say something else. What stands in them is a draft
of this person until it is saved or discarded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.gallery.actions import ICONS, KEYS, LABELS
from studio import context
from studio.assets import verdicts
from studio.assets.verdicts import Judgement, Verdict
from studio.generation import reasons
from studio.generation.gallery_table import Picture
from studio.web import drafts, session, ui
from studio.web.drafts import Draft


def begin(picture: Picture) -> Draft:
    """The fields as they are saved, with what the person typed before."""
    now = picture.judgement
    x, y = (round(100 * place, 1) for place in now.pin) if now.pin else (None, None)
    return drafts.begin(
        f"picture/{picture.id}", {"reasons": list(now.reasons), "note": now.note, "x": x, "y": y}
    )


def pin(draft: Draft) -> tuple[float, float] | None:
    """The pin that stands in the two fields, as shares."""
    x, y = drafts.value(draft, "x"), drafts.value(draft, "y")
    return None if x is None or y is None else (x / 100, y / 100)


def placed(picture: Picture, draft: Draft) -> Callable[[], None]:
    """A click on the picture moves the two number fields, which hold the pin."""

    def put() -> None:
        x, y = st.session_state[f"picture-{picture.id}"].placed
        drafts.put(draft, x=round(100 * x, 1), y=round(100 * y, 1))

    return put


def judged(picture: Picture, studio: context.Studio, draft: Draft) -> None:
    """What is said of it, and the fields to say something else."""
    if picture.verdict:
        who, at = ui.plain(picture.judged_by or ""), ui.moment(picture.judged_at or "")
        st.markdown(f"**{verdicts.NAMES[picture.verdict]}** by {who}, {at}")
    else:
        st.markdown("**Not judged yet**")
    drafts.tell(draft)
    fields(draft, reasons.read(studio.home))
    with st.container(horizontal=True):
        for verdict, label in LABELS.items():
            st.button(
                label,
                icon=ICONS[verdict],
                shortcut=KEYS[verdict],
                on_click=say,
                args=(picture.id, picture.turn, verdict, draft),
                key=f"say-{verdict}",
                type="primary" if picture.verdict == verdict else "secondary",
                **ui.only("judge pictures"),
            )
        saved = "Save without a verdict" if picture.verdict is None else "Save"
        if draft.at is not None:
            st.button(
                saved,
                on_click=say,
                args=(picture.id, picture.turn, picture.verdict, draft),
                key="say-again",
                **ui.only("judge pictures", help="Reasons, note and pin; the verdict stays."),
            )
        if picture.verdict:
            st.button(
                "Take the verdict back",
                on_click=say,
                args=(picture.id, picture.turn, None, draft),
                type="tertiary",
                **ui.only("judge pictures"),
            )
    listed(studio)


def fields(draft: Draft, usual: tuple[str, ...]) -> None:
    """Reasons, note and pin."""
    may: dict[str, Any] = {"disabled": not ui.may("judge pictures")}
    st.pills(
        "Reasons",
        list(dict.fromkeys([*usual, *drafts.value(draft, "reasons")])),
        selection_mode="multi",
        format_func=ui.plain,
        wrap=True,
        **drafts.field(draft, "reasons"),
        **may,
    )
    st.text_area(
        "Note for whoever edits it",
        height=80,
        max_chars=verdicts.NOTE,
        **drafts.field(draft, "note"),
        **may,
    )
    for column, axis, side in zip(st.columns(2), "xy", ("left", "top"), strict=True):
        column.number_input(
            f"Pin, % from the {side}",
            0.0,
            100.0,
            None,
            1.0,
            placeholder="click it",
            **drafts.field(draft, axis),
            **may,
        )


def say(id: str, turn: int, verdict: Verdict | None, draft: Draft) -> None:
    """Store the verdict with the reasons, note and pin that stand in the fields; the draft stays
    where that is refused."""
    engine, now = session.studio().engine, context.now()
    chosen = tuple(drafts.value(draft, "reasons"))
    said = Judgement(verdict, chosen, drafts.value(draft, "note"), pin(draft))
    with refusals.kept():
        verdicts.judge(engine, id, said, by=ui.person(), now=now, turn=turn)
        drafts.drop(draft)


def listed(studio: context.Studio) -> None:
    """The team's list of reasons, to be changed."""
    usual = list(reasons.read(studio.home))
    draft = drafts.begin("reasons", {"text": "\n".join(usual)})
    with st.expander("Edit the list of reasons", expanded=draft.at is not None):
        drafts.tell(draft, "the reasons")
        st.text_area(
            "Reasons, one a line",
            height=200,
            **drafts.field(draft, "text"),
            disabled=not ui.may("judge pictures"),
        )
        st.button(
            "Save the list",
            on_click=change_list,
            args=(draft,),
            **ui.only("judge pictures"),
        )


def change_list(draft: Draft) -> None:
    """Store the list; somebody else's is not overwritten."""
    text, before = drafts.value(draft, "text"), draft.saved["text"].splitlines()
    with refusals.kept():
        engine, now = session.studio().engine, context.now()
        reasons.write(engine, text.splitlines(), before, by=ui.person(), now=now)
        drafts.drop(draft)
