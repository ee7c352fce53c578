"""From pictures to props: the way, what can be set, one click, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.props import (
    again,
    by_model,
    by_provider,
    method_choice,
    picture_edits,
    settings_fields,
    starting,
    which,
)
from pages.upscale.which import Asked
from studio import context
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.web import addresses, drafts, markup, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import props
from studio.workflows.props import RIGHT
from studio.workflows.upscale_sources import Source

SIDE, MANY = 96, 60
SUITS = "(suits)"  # the method of many: each by what suits it
LOCAL, PROVIDER, OWN = "Here, at once", "By a provider", "On your own GPU"
WAYS = (LOCAL, PROVIDER, OWN)


@dataclass(frozen=True)
class Wish:
    """What the primary button asks for."""

    payload: dict[str, Any]
    label: str


def show(studio: context.Studio, found: Asked) -> None:
    """The pictures, and what becomes of them."""
    which.ways(found)
    again.take(studio, which.subject(found))
    _desk(studio, found)


@st.fragment
def _desk(studio: context.Studio, found: Asked) -> None:
    starting.tell()
    job = starting.watched(studio)
    _lead_on(job)
    if found.one is None:
        _several(studio, found, job)
        return
    source = found.one
    _about(source)
    _unchanged(job)
    picture_edits.advise(source)
    way = st.segmented_control(
        "How it becomes 3D",
        WAYS,
        required=True,
        help="Local ways need neither GPU nor account. What costs says so before it is asked for.",
        **addresses.one_of("way", WAYS, unsaid=LOCAL, key="props-way"),
    )
    if way == PROVIDER:
        by_provider.show(studio, source)
    elif way == OWN:
        by_model.show(studio, source)
    else:
        _locally(studio, source, which.subject(found))
    picture_edits.show(studio, source, _made_pictures(job))


def _lead_on(job: Job | None) -> None:
    """Once, to the one prop or the one picture that came of a job."""
    made, pictures = starting.made(job), _made_pictures(job)
    if job is not None and (len(made), len(pictures)) in ((1, 0), (0, 1)):
        starting.lead(job, {"prop": made[0]} if made else {"id": pictures[0]})


def _made_pictures(job: Job | None) -> list[str]:
    """The pictures that came of a job that edits one."""
    return starting.made(job, "pictures") if job and job.kind == picture_edits.KIND else []


def _unchanged(job: Job | None) -> None:
    if job and job.kind == picture_edits.KIND and (job.result or {}).get("same"):
        st.info("The edits change nothing of this picture.", icon=":material/info:")


def _about(source: Source) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(markup.row([_shown(source)], SIDE), width="content")
        st.markdown(
            f"**{ui.plain(source.about)}**, {source.width:,} x {source.height:,} px",
            width="content",
        )


def _locally(studio: context.Studio, source: Source, subject: str) -> None:
    try:
        offers = props.offered(studio, source.named)
    except StudioError as error:  # nothing is on it, or it can't be read
        ui.failed(error)
        return
    left, right = st.columns([13, 7], gap="medium")
    chosen = method_choice.chosen(offers)
    draft = settings_fields.begin(studio, subject, chosen.method)
    with right:
        settings_fields.height(draft)
        settings_fields.show(draft, chosen.method)
        settings_fields.tell_of_edits(draft)
        drafts.tell(draft)
    payload = {
        "pictures": [source.named],
        "settings": settings_fields.given(draft, chosen.method),
        "edits": settings_fields.edits(draft),
        "name": which.names([source.named]).get(source.named, source.about),
    }
    with left:
        possible = _is_possible(studio, draft, chosen.method)
        _button(Wish(payload, "Make the prop"), possible)
        changed = settings_fields.changed(draft) if possible else {}
        method_choice.show(offers, chosen, source.named, changed)


def _is_possible(studio: context.Studio, draft: Draft, method: str) -> bool:
    """Whether it can be made so; what can't be is said."""
    try:
        props.settings_in(studio, settings_fields.given(draft, method))
    except StudioError as error:
        ui.failed(error)
        return False
    return True


def _button(wish: Wish, possible: bool = True) -> None:
    st.button(
        wish.label,
        type="primary",
        icon=":material/deployed_code:",
        shortcut="Ctrl+Enter",
        on_click=starting.ask,
        args=("prop", wish.payload),
        **ui.only(RIGHT, not possible, help="Beside its picture, which stays as it is."),
    )
    which.barred()


def _several(studio: context.Studio, found: Asked, job: Job | None) -> None:
    """Many pictures by one job: each in the way that suits it, or all in one."""
    count = len(found.found)
    try:
        offers = props.offered(studio, found.found[0].named)
    except StudioError as error:
        ui.failed(error)
        offers = ()
    labels = {SUITS: "What suits each"} | {one.method: one.label for one in offers}
    left, right = st.columns([13, 7], gap="medium")
    with right:
        method = st.selectbox(
            "Method",
            list(labels),
            format_func=lambda one: labels.get(one, str(one)),
            help="Cards for pixel art, puffed reliefs for smooth art, planes for foliage.",
            **addresses.one_of("method", list(labels), unsaid=SUITS, key="props-many-method"),
        )
        named = "" if method == SUITS else str(method)
        draft = settings_fields.begin(studio, which.subject(found), named)
        settings_fields.height(draft)
        if named:
            settings_fields.show(draft, named)
        drafts.tell(draft)
    pictures = [one.named for one in found.found]
    payload = {
        "pictures": pictures,
        "names": which.names(pictures),
        "settings": settings_fields.given(draft, named),
    }
    with left:
        _button(Wish(payload, f"Make {count:,} props"), _is_possible(studio, draft, named))
        if made := starting.made(job):
            st.success(f"{len(made):,} props were made.", icon=":material/check:")
            shown = [
                Shown(f"/props/poster/{id}", "", alt="A prop", href=f"/Props?prop={id}")
                for id in made[:MANY]
            ]
            ui.pictures(shown, SIDE)
        _row(found)


def _row(found: Asked) -> None:
    shown = [_shown(one, f"/Props?id={one.named}") for one in found.found[:MANY]]
    ui.pictures(shown, SIDE)
    if len(found.found) > MANY:
        st.caption(f"And {len(found.found) - MANY:,} more.")


def _shown(one: Source, href: str = "") -> Shown:
    """A picture; one that was brought has the address of its hash, whatever asset is like it."""
    mine = one.asset is not None and one.asset.id == one.named
    address = f"/picture/asset/{one.named}" if mine else f"/picture/start/{one.named}"
    return Shown(address, "", one.width, one.height, alt=one.about, href=href)
