"""Many pictures, each enlarged by a job of its own, overnight say: one set of settings for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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
from studio.web import drafts, ui, where_boxes
from studio.web.markup import Shown
from studio.workflows import upscale_sources, upscaling
from studio.workflows.upscale_sources import Source
from studio.workflows.upscaling import Size, Wanted

SIDE, SEEN = 96, 60
SAID = 5  # refusals that are said one by one
LOOKED = 60  # pictures that are looked at before it begins


def show(studio: context.Studio, found: which.Asked) -> None:
    """All of them, and what is done to each."""
    which.ways(found)
    _desk(studio, found)


@st.fragment
def _desk(studio: context.Studio, found: which.Asked) -> None:
    refusals.tell()
    _told()
    left, right = st.columns([13, 7], gap="medium")
    first = found.found[0]
    with right:
        method = method_choice.of(studio, first)
        choice = Choice()
        if method == method_choice.DIFFUSION:
            choice = style_choice.chosen(studio, first.asset.style if first.asset else "")
        chosen = {"method": method, **(choice.given if choice != Choice() else {})}
        try:
            draft = settings_draft.begin(studio, found.subject, first, chosen, alone=False)
        except StudioError as error:  # what draws is gone
            ui.failed(error)
            return
        target_fields.show(draft)
        if choice != Choice():
            prompts(draft)
            st.caption("Without a prompt each is drawn by its own.")
            style_choice.further(draft, choice)
        offered = style_choice.offered(studio, choice, method)
        settings_fields.show(draft, offered, (first.width, first.height), alone=False)
        saved_settings.show(draft, chosen)
        drafts.tell(draft)
    wish = partial(_wish, studio, settings_draft.given(draft, chosen), settings_draft.size(draft))
    with left:
        asked = _asked(found, wish)
        where_boxes.shown("upscale")
        st.button(
            f"Enlarge {len(found.found):,}",
            type="primary",
            icon=":material/zoom_out_map:",
            shortcut="Ctrl+Enter",
            on_click=starting.ask_many,
            args=(found.found, wish, drafts.value(draft, "seed") is not None),
            **ui.only(which.RIGHT, not asked, help="Each as a picture of its own."),
        )
        which.barred()
        if asked:
            estimate_line.show(studio, asked, len(found.found))
        _row(found)


def _wish(studio: context.Studio, given: Mapping[str, Any], size: Size, source: Source) -> Wanted:
    """What is done with one of them; without a prompt for all it is drawn by its own."""
    told = dict(given)
    if told["method"] == method_choice.DIFFUSION and not told.get("prompt"):
        told["prompt"] = source.prompt
    return upscaling.wanted(studio, source, told, size)


def _told() -> None:
    """What was put in last, and why others were not."""
    put, refused = st.session_state.pop(starting.MANY, ([], []))
    if put:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(f"{len(put):,} are in the queue, a job each.", icon=":material/check:")
            st.page_link(
                "pages/Admin.py",
                label="Jobs",
                icon=":material/list:",
                query_params={"show": "Jobs"},
            )
    for said in refused[:SAID]:
        st.warning(ui.plain(said), icon=":material/error:")
    if len(refused) > SAID:
        st.caption(f"And {len(refused) - SAID:,} more were not.")


def _asked(found: which.Asked, wish: Callable[[Source], Wanted]) -> list[Wanted]:
    """What would be done with the first of them; those that can't be are named with why."""
    asked, refused = list[Wanted](), list[tuple[str, StudioError]]()
    looked = found.found[:LOOKED]
    for source in looked:
        try:
            asked.append(wish(source))
        except StudioError as error:
            refused.append((source.about, error))
    for name, why in refused[:SAID]:
        ui.failed(StudioError(f"{name}: {why.message}", why.remedy))
    if len(refused) > SAID:
        st.caption(f"And {len(refused) - SAID:,} more that can't be enlarged so.")
    art = sum(upscale_sources.is_pixel_art(source) for source in looked)
    if 0 < art < len(looked):
        st.caption(
            f":material/info: {art:,} of {len(looked):,} are pixel art, the others are not: "
            "no way suits both. Enlarge them apart."
        )
    return asked


def _row(found: which.Asked) -> None:
    shown = [
        Shown(
            f"/picture/asset/{one.asset.id}" if one.asset else f"/picture/start/{one.named}",
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
