"""What needs me today, and what everyone generates with."""

import streamlit as st
from mlflow.exceptions import MlflowException

from studio import notifications
from studio.assets.search import Wanted
from studio.generation.gallery_table import search
from studio.jobs import queue
from studio.tracking import client
from studio.web import job_boxes, page_frame, record_cache, ui
from studio.workflows.todo import tasks

PICTURES = 8  # newest of a style
LATELY = 5  # notices

with page_frame.page("Today", "") as studio:
    try:
        versions, away = record_cache.versions(), None
    except MlflowException as error:  # what needs no version can be done all the same
        versions, away = [], client.away(error)
    waiting = tasks(studio, ui.person(), versions)
    running = queue.listing(studio.engine, states=("queued", "running"), limit=20)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("For you")
        for task in waiting[:12]:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{ui.plain(task.what)}**  \n{ui.plain(task.about)}")
                st.page_link(
                    task.page,
                    label="Open",
                    icon=":material/arrow_forward:",
                    query_params=task.address,
                )
        if not waiting:
            st.caption("Nothing waits for you.")
    with right:
        st.header("At work")
        for job in running:
            with st.container(border=True):
                job_boxes.show(job.id)
                st.caption(f"Asked by {ui.plain(job.asked_by)}, {ui.moment(job.asked_at)}")
        if not running:
            st.caption("No job is running.")
        if lately := notifications.newest(studio.engine, LATELY):
            st.header("Lately")
            for one in lately:
                st.markdown(ui.plain(one.text[:300]))
                st.caption(ui.moment(one.at))

    live = [version for version in versions if version.stage == "production"]
    for version in live:
        st.header(f"{version.style}: version {version.number} is in production")
        found = search(
            studio.engine, Wanted(style=version.style, version=version.number), size=PICTURES
        ).found
        drawn = [one for one in found if one.verdict != "rejected"]
        if drawn:
            ui.pictures([ui.made(one) for one in drawn], side=256)
        address = {"style": version.style}
        st.page_link(
            "pages/Generate.py",
            label=f"Draw with {version.style}" if drawn else f"Draw the first with {version.style}",
            icon=":material/palette:",
            query_params=address,
        )
    if away:
        ui.failed(away)
    elif not versions:
        st.header("Begin")
        st.markdown("Bring in pictures of your style, then train on them.")
        st.page_link("pages/Datasets.py", label="Bring in pictures", icon=":material/upload:")
    elif not live:
        st.info("Nothing is in production yet: open a version in the registry and promote it.")
        st.page_link("pages/Registry.py", label="Registry", icon=":material/inventory_2:")
