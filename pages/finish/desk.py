"""One picture before and after, the grid over it, what is proposed, and figures of both."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.finish import controls, figures_line, keeping, proposals, steps_draft
from pages.finish.which import Asked, said_of_file
from studio import context
from studio.errors import StudioError
from studio.finishing.steps import Steps
from studio.pixels.grid import Grid
from studio.web import components, drafts, finished_previews, ui
from studio.web.drafts import Draft
from studio.web.finished_previews import Preview
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
    proposal = proposals.proposal(studio, asked)
    draft = steps_draft.begin(asked.subject, proposal)
    left, right = st.columns([7, 3], gap="large")
    with right:
        proposals.told(draft, proposal)
        controls.show(studio, draft, True)
    with left:
        try:
            steps = steps_draft.steps_of(draft)
        except StudioError as error:
            ui.failed(error)
            return
        found = finished_previews.preview(source, steps)
        if found.refused is not None or found.finished is None:
            ui.failed(found.refused or StudioError("Nothing came of it.", "Try other steps."))
            return
        _panes(source, steps, found, draft)
        proposals.buttons(source, draft, steps)
        figures_line.show(studio, asked.style, found.finished)
        keeping.one(studio, source, steps, draft)


def _panes(source: Source, steps: Steps, found: Preview, draft: Draft) -> None:
    done = found.finished
    assert done is not None
    data: dict[str, Any] = {
        "before": finished_previews.address(source, steps, "before"),
        "after": finished_previews.address(source, steps),
        "grid": vars(done.grid) if done.grid else None,
        "proposals": [],
        "taken": list(steps.taken),
        "left": list(steps.left),
        "palette": list(steps.recipe.colours),
        "editable": ui.may(RIGHT),
        "around": AROUND,
    }

    def said() -> None:
        heard = st.session_state[KEY].said
        if isinstance(heard, dict):
            _take(draft, heard, done.grid)

    components.screen("finish")(key=KEY, data=data, on_said_change=said)


def _take(draft: Draft, heard: dict[str, Any], shown: Grid | None) -> None:
    """What somebody did in the panes, into the draft."""
    told = heard.get("grid")
    grid = Grid(**told) if isinstance(told, dict) else None
    if grid != shown:
        values = list(vars(grid).values()) if grid else []
        drafts.put(draft, grid="set" if grid else "none", set_grid=values)
    drafts.put(draft, taken=list(heard.get("taken", [])), left=list(heard.get("left", [])))
