"""Words for every tile, proposed by a job: what each shows, so that none is told of another's
things. What somebody locked stays as it is; dark and empty tiles get none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.upscale.settings_draft import says
from pages.upscale.which import RIGHT
from studio import context
from studio.errors import StudioError
from studio.jobs import idempotency, queue
from studio.web import drafts, job_boxes, session, ui
from studio.web.drafts import Draft
from studio.worker import submit
from studio.worker.kinds.describe_tiles import KIND, PROMPT
from studio.workflows import upscaling
from studio.workflows.upscale_sources import Source
from studio.workflows.upscaling import Wanted

MEANS = {
    "words": "The practice base's CLIP: a few words, offline",
    "vision": "A vision model on this machine",
    "endpoint": "A server's model",
}
JOB = "upscale-words"


def show(studio: context.Studio, source: Source, draft: Draft, asked: Wanted) -> None:
    """By whom, and what became of it."""
    _take(studio, draft)
    own = [key for key, one in drafts.value(draft, "prompts").items() if says(one)]
    box = st.expander(
        f"Tiles' own prompts ({len(own):,})" if own else "Tiles' own prompts",
        key="upscale-words box",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        st.caption(
            "One prompt for all invites what it names into every tile. Words of its own don't."
        )
        settings = studio.settings
        has = {
            "words": True,
            "vision": bool(settings.caption_model),
            "endpoint": bool(settings.caption_url and settings.caption_name),
        }
        means = st.selectbox(
            "Described by",
            [one for one in MEANS if has[one]],
            format_func=MEANS.__getitem__,
            key="upscale-means",
            **ui.only(RIGHT),
        )
        if means == "endpoint":
            st.caption(f":orange[The tiles are sent to {ui.plain(settings.caption_url)}.]")
        with st.container(horizontal=True):
            st.button(
                "Describe all tiles",
                icon=":material/subtitles:",
                on_click=_ask,
                args=(source, asked, str(means)),
                **ui.only(RIGHT, help="Locked ones stay; dark and empty ones get no words."),
            )
            if own:
                st.button(
                    "Forget all that are not locked",
                    type="tertiary",
                    on_click=_forget,
                    args=(draft,),
                    **ui.only(RIGHT),
                )
        if (id := st.session_state.get(JOB)) is not None:
            job_boxes.show(int(id))


def _ask(source: Source, asked: Wanted, means: str) -> None:
    with refusals.kept():
        studio, who = session.studio(), ui.person()
        settings = upscaling.as_json(asked.settings)
        payload = {"picture": source.named, "settings": settings, "means": means, "prompt": PROMPT}
        key = idempotency.key(studio.engine, KIND.name, payload, who)
        job = submit.ask(studio, KIND.name, payload, asked_by=who, now=context.now(), key=key)
        st.session_state[JOB] = job.id


def _take(studio: context.Studio, draft: Draft) -> None:
    """The words of a job that is done, into the draft, once."""
    if (id := st.session_state.get(JOB)) is None:
        return
    try:
        job = queue.get(studio.engine, int(id))
    except StudioError:
        del st.session_state[JOB]
        return
    if job.state == "done" and job.result:
        del st.session_state[JOB]
        described(draft, job.result.get("captions", {}))
        st.toast(f"{len(job.result.get('captions', {})):,} tiles are described.")


def described(draft: Draft, captions: Mapping[str, str]) -> None:
    """These words as the tiles' own; those of locked tiles stay."""
    prompts: dict[str, dict[str, Any]] = dict(drafts.value(draft, "prompts"))
    for key, text in captions.items():
        held = {"prompt": "", "negative": "", "locked": False, "seed": None, **prompts.get(key, {})}
        if not held["locked"]:
            prompts[key] = {**held, "prompt": text}
    drafts.put(draft, prompts={key: one for key, one in prompts.items() if says(one)})


def _forget(draft: Draft) -> None:
    prompts = drafts.value(draft, "prompts")
    drafts.put(draft, prompts={key: one for key, one in prompts.items() if one.get("locked")})
