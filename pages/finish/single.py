"""One picture before and after, the grid over it, what is proposed, and figures of both."""

from __future__ import annotations

import streamlit as st

from pages.finish import controls, desk, figures_line, keeping, proposals, steps_draft
from pages.finish.which import Asked, said_of_file
from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.finishing.by_hand import Finished
from studio.finishing.steps import Steps
from studio.pixels.grid import Grid
from studio.web import drafts, finished_previews, ui
from studio.web.drafts import Draft
from studio.workflows.finishing import RIGHT
from studio.workflows.finishing_sources import Source

AROUND = 330  # pixels of the window's height that the picture does not get
KEY = "finish-desk"


def show(studio: context.Studio, asked: Asked) -> None:
    """The picture, what is done to it, and what is kept of it."""
    assert asked.one is not None
    said_of_file()
    proposals.ways(studio, asked)
    _desk(studio, asked)


@st.fragment
def _desk(studio: context.Studio, asked: Asked) -> None:
    source = asked.one
    assert source is not None
    refusals.tell()
    proposal = proposals.proposal(studio, asked)
    draft = steps_draft.begin(asked.subject, proposal)
    left, right = st.columns([13, 7], gap="medium")
    steps = found = None
    with left:
        try:
            steps = steps_draft.steps_of(draft)
            found = finished_previews.preview(source, steps)
            if found.refused:
                raise found.refused
        except StudioError as error:
            ui.failed(error)
        if steps and found and found.finished:
            figures_line.show(proposals.style_of(asked), found.finished)
            proposals.buttons(source, draft, steps)
            _panes(source, steps, found.finished, draft)
    with right:
        if steps and found and found.finished:
            keeping.one(source, steps, draft)
        kept = steps is not None and keeping.is_kept(draft, steps)
        proposals.told(draft, proposal, kept)
        controls.show(studio, draft)


def _panes(source: Source, steps: Steps, done: Finished, draft: Draft) -> None:
    desk.desk(
        finished_previews.address(source, steps, "before"),
        finished_previews.address(source, steps),
        key=KEY,
        grid=vars(done.grid) if done.grid else None,
        proposals=[
            {
                "id": one.id,
                "kind": one.kind,
                "text": one.sentence,
                "pixels": [list(place) for place in one.pixels],
            }
            for one in finished_previews.proposals(source, steps)
        ],
        taken=steps.taken,
        left=steps.left,
        palette=steps.recipe.colours,
        editable=ui.may(RIGHT),
        around=AROUND,
        on_said=lambda: _take(draft, done.grid),
    )


def _take(draft: Draft, shown: Grid | None) -> None:
    """What somebody decided at the desk, into the draft."""
    said = desk.said(KEY)
    if said is None:
        return
    grid = Grid(**said["grid"]) if said["grid"] else None
    if grid != shown:
        values = list(vars(grid).values()) if grid else []
        drafts.put(draft, grid="set" if grid else "none", set_grid=values)
    drafts.put(draft, taken=said["taken"], left=said["left"])
