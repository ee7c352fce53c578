"""A job is put in: for one picture, for each of many, for tiles that are drawn anew; and what was
cut off goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.upscale.stage import Redo
from studio import context
from studio.errors import StudioError
from studio.jobs import idempotency
from studio.jobs.table import Job
from studio.web import session, ui, where_boxes
from studio.worker import submit
from studio.worker.kinds.upscale import KIND
from studio.workflows import upscaling
from studio.workflows.upscale_sources import Source
from studio.workflows.upscaling import Wanted

JOB = "upscale-job"  # asked for in a callback; the address says it once the page is drawn
MANY = "upscale-jobs"  # the same of several: those put in, and what others were refused for


def ask(asked: Wanted, seeded: bool) -> None:
    """As a callback: enlarge this picture, however often it is hit; `seeded`: with the seed that
    somebody gave, else with any."""
    with refusals.kept():
        st.session_state[JOB] = _put_in(_payload(asked), seeded).id


def ask_many(found: Sequence[Source], wish: Callable[[Source], Wanted], seeded: bool) -> None:
    """As a callback: a job for each of these; those that can't be enlarged so are told."""
    put, refused = list[int](), list[str]()
    with refusals.kept():
        for source in found:
            try:
                asked = wish(source)
            except StudioError as error:
                refused.append(f"{source.about}: {error.message}")
            else:
                put.append(_put_in(_payload(asked), seeded).id)
    st.session_state[MANY] = (put, refused)


def _payload(asked: Wanted) -> dict[str, Any]:
    settings = upscaling.as_json(asked.settings)
    return {"picture": asked.source.named, "settings": settings, "name": asked.source.about}


def redo(job: Job, one: Redo) -> None:
    """As a callback: draw a tile of a result anew, with the words that it has now. What the other
    tiles were told stays, so that they are not drawn again."""
    with refusals.kept():
        before = job.payload["settings"]
        settings = {**before, "tiles": tiles_of(one, before.get("tiles", ()))}
        payload = {**job.payload, "settings": settings, "again_of": job.id}
        st.session_state[JOB] = _put_in({**payload, "redo": {one.key: one.seed}}).id


def tiles_of(one: Redo, before: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is said of single tiles, that one's newest words and seed among it."""
    held = {str(told["key"]): dict(told) for told in before}
    own = {"prompt": one.prompt, "negative": one.negative, "seed": one.seed}
    held[one.key] = {"key": one.key, "locked": False, **held.get(one.key, {}), **own}
    return list(held.values())


def go_on(job: Job) -> None:
    """As a callback: go on where the job was cut off; tiles that are drawn are not drawn again."""
    with refusals.kept():
        who, now = ui.person(), context.now()
        key = f"again:{job.id}"
        found = submit.again(session.studio(), job.id, asked_by=who, now=now, key=key)
        st.session_state[JOB] = found.id


def tell() -> None:
    """The job that was asked for last, in the address."""
    if (id := st.session_state.pop(JOB, None)) is not None:
        st.query_params["job"] = str(id)


def _put_in(payload: Mapping[str, Any], seeded: bool = True) -> Job:
    studio, who = session.studio(), ui.person()
    # A seed that nobody gave is another each time, and says nothing of what is wished.
    wish = payload if seeded else {**payload, "settings": {**payload["settings"], "seed": None}}
    where = where_boxes.chosen(KIND.name)
    key = idempotency.key(studio.engine, KIND.name, {**wish, "where": where}, who)
    return submit.ask(
        studio, KIND.name, payload, asked_by=who, now=context.now(), key=key, where=where
    )
