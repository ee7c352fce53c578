"""One picture: how it is enlarged, what that takes, and the stage with its tiles."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.upscale import (
    again,
    estimate_line,
    field_help,
    method_choice,
    saved_settings,
    settings_draft,
    settings_fields,
    stage,
    starting,
    style_choice,
    target_fields,
    tile_words,
    watching,
    which,
)
from pages.upscale.stage import Shown
from pages.upscale.style_choice import Choice
from studio import context
from studio.accounts import rights
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.upscaling import work_folders
from studio.web import drafts, ui, where_boxes
from studio.web.drafts import Draft
from studio.web.upscale_layers import layer
from studio.web.upscale_states import boxes, letters, settings_of
from studio.workflows import upscale_sources, upscaling
from studio.workflows.upscale_sources import Source
from studio.workflows.upscaling import Wanted

AROUND = 360  # pixels of the window's height that the picture does not get
KEY = "upscale-stage"
SHARP = ("nearest", "epx")


def show(studio: context.Studio, found: which.Asked) -> None:
    """The picture, how it is enlarged, and what came of it."""
    assert found.one is not None
    which.ways(found)
    again.take(studio, found.one, found.subject)
    _desk(studio, found.one, found.subject)


@st.fragment
def _desk(studio: context.Studio, source: Source, subject: str) -> None:
    starting.tell()
    refusals.tell()
    job = watching.of_address(studio)
    if job is not None and job.payload.get("picture") != source.named:
        job = None
    left, right = st.columns([13, 7], gap="medium")
    with right:
        about(source)
        method = method_choice.of(studio, source)
        choice = Choice()
        if method == method_choice.DIFFUSION:
            choice = style_choice.chosen(studio, source.asset.style if source.asset else "")
        chosen = {"method": method, **(choice.given if choice != Choice() else {})}
        try:
            draft = settings_draft.begin(studio, subject, source, chosen)
        except StudioError as error:  # what draws is gone
            ui.failed(error)
            return
        asked = _fields(studio, source, draft, choice, chosen)
    with left:
        if asked is not None:
            where_boxes.shown("upscale")
            st.button(
                "Enlarge",
                type="primary",
                icon=":material/zoom_out_map:",
                shortcut="Ctrl+Enter",
                on_click=starting.ask,
                args=(asked, drafts.value(draft, "seed") is not None),
                **ui.only(which.RIGHT, help="As a picture of its own; this one stays as it is."),
            )
            which.barred()
            estimate_line.show(studio, [asked])
        if job is not None:
            watching.box(studio, job)
        _stage(studio, source, draft, asked, job, choice)


def about(source: Source) -> None:
    """What the picture is."""
    st.markdown(f"**{ui.plain(source.about)}**, {source.width:,} x {source.height:,} px")


def _fields(
    studio: context.Studio,
    source: Source,
    draft: Draft,
    choice: Choice,
    chosen: dict[str, Any],
) -> Wanted | None:
    """The fields, and what they ask for together; what can't be is said above them."""
    place = st.container()
    target_fields.show(draft)
    asked: Wanted | None = None
    try:
        asked = settings_draft.wanted(studio, source, draft, chosen)
    except StudioError as error:
        with place:
            ui.failed(error)
    if choice != Choice():
        prompts(draft)
        style_choice.further(draft, choice)
    if asked is not None and choice != Choice():
        tile_words.show(studio, source, draft, asked)
    offered = style_choice.offered(studio, choice, chosen["method"])
    size = (asked.settings.width, asked.settings.height) if asked else (source.width, source.height)
    settings_fields.show(draft, offered, size)
    saved_settings.show(draft, chosen)
    if source.asset is not None and upscaling.settings_of(source.asset):
        st.page_link(
            "pages/Upscale.py",
            label="With the settings that made this one",
            icon=":material/replay:",
            query_params={"id": source.named, again.LIKE: source.asset.id},
        )
    drafts.tell(draft)
    return asked


def prompts(draft: Draft) -> None:
    """What is said of all tiles."""
    field = target_fields.field
    st.text_area(field_help.label("prompt"), height=90, max_chars=2000, **field(draft, "prompt"))
    st.text_input(field_help.label("negative"), max_chars=2000, **field(draft, "negative"))
    st.toggle(field_help.label("append"), **field(draft, "append"))


def _stage(
    studio: context.Studio,
    source: Source,
    draft: Draft,
    asked: Wanted | None,
    job: Job | None,
    choice: Choice,
) -> None:
    """The picture as it is, as it will be cut, or as far as the job is."""
    settings = settings_of(job) if job else asked.settings if asked else None
    size = (settings.width, settings.height) if settings else (source.width, source.height)
    sharp = upscale_sources.is_pixel_art(source)
    made = watching.result(studio, job) if job else None
    if made is not None:
        watching.done(made)
    tiles = boxes(settings) if settings else []
    kept_sharp = settings is not None and settings.method in SHARP
    words = settings is not None and settings.method == method_choice.DIFFUSION
    may = ui.may(which.RIGHT)
    # What the job was told of single tiles, until the person says otherwise.
    own = {**_told(job), **drafts.value(draft, "prompts")}
    shown = Shown(
        subject=f"{source.named} {size} {job.id if job else ''}",
        size=size,
        sharp=kept_sharp or sharp,
        before=layer(studio.home, source, sharp),
        after=watching.after(studio, made, kept_sharp),
        tiles=tiles,
        states=letters(studio.home, job, tiles) if job else "",
        job=job.id if job else None,
        running=job is not None and not job.ended,
        prompts=own,
        prompt=str(drafts.value(draft, "prompt") or ""),
        negative=str(drafts.value(draft, "negative") or ""),
        append=bool(drafts.value(draft, "append")),
        counted=choice.given if choice != Choice() else None,
        words=words,
        editable=may,
        redo=may and words and job is not None and _stays(studio, job),
        why="" if may else f"Enlarging is for {rights.who_may(which.RIGHT)}.",
    )
    stage.stage(
        shown,
        key=KEY,
        around=AROUND,
        on_prompts=lambda: _take(draft),
        on_redo=lambda: _redo(job),
        on_looked=lambda: stage.looked(KEY),
    )


def _told(job: Job | None) -> dict[str, dict[str, Any]]:
    """What a job was told of single tiles, by their keys."""
    tiles = [dict(one) for one in job.payload["settings"].get("tiles", ())] if job else []
    return {str(one.pop("key")): one for one in tiles}


def _stays(studio: context.Studio, job: Job) -> bool:
    """Whether tiles of a result can still be drawn anew one by one."""
    return job.state == "done" and work_folders.is_there(studio.home, job.id)


def _take(draft: Draft) -> None:
    """What was typed for single tiles, into the draft."""
    if (said := stage.prompts(KEY)) is not None:
        drafts.put(draft, prompts=said)


def _redo(job: Job | None) -> None:
    said = stage.redo(KEY)
    if said is not None and job is not None:
        starting.redo(job, said)
