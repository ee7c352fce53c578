"""What everyone draws with, what needs me today, and what the studio is doing."""

import streamlit as st
from mlflow.exceptions import MlflowException

from pages.home import at_work, bucket_away, first_steps, style_cards, success_card, task_list
from studio.jobs import queue
from studio.tracking import client
from studio.web import page_frame, record_cache, ui
from studio.workflows import own_style, style_overview, todo

HALF = 340  # pixels, below which one stands under the other

with page_frame.page("Today") as studio:
    try:
        versions, away = record_cache.versions(), None
    except MlflowException as error:  # what needs no version can be done all the same
        versions, away = [], client.away(error)
    running = queue.listing(studio.engine, states=("queued", "running"))
    if away:
        ui.failed(away)
    bucket_away.told(studio)
    waiting = todo.tasks(studio, ui.person(), versions)
    begins = not away and not (waiting and own_style.has_own(versions))
    parts = st.grid(2, min_column_width=HALF, gap=("small", "large"), key="home")
    if versions:
        with parts.cell(column_span="all"):
            style_cards.cards(studio, style_overview.overviews(studio, versions), running)
    if begins and ui.may("train"):
        with parts.cell(column_span="all"):
            first_steps.shown(own_style.steps(studio, versions, running))
    # On a phone these come first: studio.css.
    with parts.cell(), st.container(key="home-tasks"):
        task_list.listed(waiting)
    with parts.cell():
        success_card.shown(studio)
        at_work.jobs(running)
        at_work.lately(studio)
