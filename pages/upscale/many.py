"""Many pictures, each enlarged by a job of its own, overnight say: one set of settings for all."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.upscale import (
    estimate_line,
    method_choice,
    saved_settings,
    settings_draft,
    settings_fields,
    starting,
    style_choice,
    target_fields,
    which,
)
from pages.upscale.single import prompts
from pages.upscale.style_choice import Choice
from studio import context
from studio.errors import StudioError
from studio.web import drafts, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import upscale_sources
from studio.workflows.upscaling import Wanted

SIDE, SEEN = 96, 60
SAID = 5  # refusals that are said one by one


def show(studio: context.Studio, found: which.Asked) -> None:
    """All of them, and what is done to each."""
    which.ways(found)
    _desk(studio, found)


@st.fragment
def _desk(studio: context.Studio, found: which.Asked) -> None:
    asked_for = st.session_state.pop(starting.MANY, [])
    refusals.tell()
    if asked_for:
        says = f"{len(asked_for):,} are in the queue, one job a picture."
        st.success(says, icon=":material/check:")
        st.page_link(
            "pages/Admin.py", label="Jobs", icon=":material/list:", query_params={"show": "Jobs"}
        )
    left, right = st.columns([13, 7], gap="medium")
    first = found.found[0]
    with right:
        method = method_choice.of(studio, first)
        choice = Choice()
        if method == method_choice.DIFFUSION:
            choice = style_choice.chosen(studio, first.asset.style if first.asset else "")
        chosen = {"method": method, **(choice.given if choice != Choice() else {})}
        draft = settings_draft.begin(studio, found.subject, first, chosen)
        target_fields.show(draft)
        if choice != Choice():
            prompts(draft)
            style_choice.further(draft, choice)
        offered = style_choice.offered(studio, choice, method)
        settings_fields.show(draft, offered, (first.width, first.height))
        saved_settings.show(draft, chosen)
        drafts.tell(draft)
    with left:
        asked = _asked(studio, found, draft, chosen)
        st.button(
            f"Enlarge {len(asked):,}",
            type="primary",
            icon=":material/zoom_out_map:",
            shortcut="Ctrl+Enter",
            on_click=starting.ask_many,
            args=(asked, drafts.value(draft, "seed") is not None),
            **ui.only(which.RIGHT, not asked, help="Each as a picture of its own."),
        )
        if asked:
            estimate_line.show(studio, asked)
        _row(found)


def _asked(
    studio: context.Studio, found: which.Asked, draft: Draft, chosen: dict[str, Any]
) -> list[Wanted]:
    """What would be done; those that can't be are named with why."""
    asked, refused = list[Wanted](), list[tuple[str, StudioError]]()
    for source in found.found:
        try:
            asked.append(settings_draft.wanted(studio, source, draft, chosen))
        except StudioError as error:
            refused.append((source.about, error))
    for name, error in refused[:SAID]:
        ui.failed(StudioError(f"{name}: {error.message}", error.remedy))
    if len(refused) > SAID:
        st.caption(f"And {len(refused) - SAID:,} more that can't be enlarged so.")
    art = sum(upscale_sources.is_pixel_art(source) for source in found.found)
    if 0 < art < len(found.found):
        st.caption(
            f":material/info: {art:,} of {len(found.found):,} are pixel art, the others are not: "
            "no way suits both. Enlarge them apart."
        )
    return asked


def _row(found: which.Asked) -> None:
    shown = [
        Shown(
            f"/picture/asset/{one.named}" if one.asset else f"/picture/start/{one.named}",
            "",
            one.width,
            one.height,
            alt=one.about,
            href=f"/Upscale?id={one.named}",
        )
        for one in found.found[:SEEN]
    ]
    ui.pictures(shown, SIDE)
    if len(found.found) > SEEN:
        st.caption(f"And {len(found.found) - SEEN:,} more.")
