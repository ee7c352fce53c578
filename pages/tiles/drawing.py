"""Terrains that a style draws from here: seamless on both axes, opaque, at the tile's size."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.assets import listing
from studio.assets.search import Wanted
from studio.diffusion import opaque_fill
from studio.errors import StudioError
from studio.jobs import idempotency
from studio.tiles import kept
from studio.web import addresses, job_boxes, record_cache, ui
from studio.web.markup import Shown
from studio.worker import submit

COUNT = 4
SIDE = 96


def show(studio: context.Studio, size: int) -> None:
    """What is to be drawn, the job that draws it, and what came of it."""
    styles = sorted({v.style for v in record_cache.versions() if v.stage == "production"})
    with st.expander("Draw terrains"):
        if not styles:
            st.caption("Terrains are drawn with what is in production, and nothing is yet.")
            return
        left, right = st.columns([1, 2])
        style = left.selectbox("Style", styles, **addresses.one_of("style", styles))
        prompt = right.text_input(
            "Prompt",
            max_chars=200,
            placeholder="blue water",
            **addresses.text("terrain"),
            **ui.only(kept.RIGHT),
        )
        if st.button(
            f"Draw {COUNT} at {size} x {size}",
            icon=":material/brush:",
            **ui.only(kept.RIGHT, not prompt.strip()),
        ):
            _ask(studio, style, prompt.strip(), size)
        job = ui.number_of("job")
        if job:
            job_boxes.show(job)
            _drawn(studio, job)


def _ask(studio: context.Studio, style: str, prompt: str, size: int) -> None:
    """Ask for them as one job; its number stands in the address."""
    payload: dict[str, object] = {
        "style": style,
        "prompt": prompt,
        "count": COUNT,
        "seed": len(_before(studio, prompt)),
        "width": size,
        "height": size,
        "seamless": "both",
        "fill": opaque_fill.OPAQUE,
    }
    who = ui.person()
    key = idempotency.key(studio.engine, "generate", payload, who)
    try:
        job = submit.ask(studio, "generate", payload, asked_by=who, now=context.now(), key=key)
    except StudioError as error:
        ui.failed(error)
        return
    st.query_params["job"] = str(job.id)
    st.rerun()


def _before(studio: context.Studio, prompt: str) -> list[listing.Listed]:
    """What was drawn of this prompt before, so that the next ones have other seeds."""
    return listing.page(studio.engine, Wanted(kind="picture", text=prompt), 1, 1_000)


def _drawn(studio: context.Studio, job: int) -> None:
    """What the job drew; the fields below offer it first."""
    found = listing.page(studio.engine, Wanted(job=job), 1, COUNT)
    if found:
        ui.pictures(
            [
                Shown(
                    f"/picture/asset/{one.id}",
                    one.id[:6],
                    one.width,
                    one.height,
                    alt=one.said,
                    href=f"/Picture?id={one.id}",
                )
                for one in found
            ],
            SIDE,
        )
        st.caption("The fields below offer them first, by the same letters.")
