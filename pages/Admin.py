"""What runs, what is full, and which settings are in force."""

import streamlit as st

from pages.admin import people
from studio import context, notifications
from studio.accounts import rights
from studio.jobs import queue, workers
from studio.operations import health
from studio.settings import in_force
from studio.web import addresses, job_boxes, page_frame, ui
from studio.worker.kind_table import title

NAMES = {
    "database": "Database",
    "writing": "Writing",
    "mlflow": "MLflow",
    "worker": "Worker",
    "watcher": "Watcher",
}

with page_frame.page("Admin", "Services, workers, jobs and settings of this studio.") as studio:
    st.header("Services")
    parts = health.look(studio.settings, studio.engine)
    for column, (name, part) in zip(st.columns(len(parts)), parts.items(), strict=True):
        with column.container(border=True):
            st.markdown(f"**{NAMES[name]}**  \n{':green[up]' if part.ok else ':red[down]'}")
            st.caption(ui.plain(part.says))
    if not parts["watcher"].ok and parts["database"].ok:
        st.info("No watcher runs. Start one with `python -m studio watch`.")
    free = context.free_room(studio.home) / 1024**3
    st.header("Disk")
    st.markdown(
        f"{free:.1f} GB free where the studio keeps its things, {ui.plain(str(studio.home))}."
    )
    if free < 5:
        st.warning("A training needs room for checkpoints: make room, or move the studio.")
    st.header("Workers")
    found = workers.alive(studio.engine, context.now())
    if found:
        st.dataframe(
            [
                {
                    "worker": w.name,
                    "device": w.device,
                    "lanes": w.lanes,
                    "since": ui.moment(w.started_at),
                }
                for w in found
            ],
            hide_index=True,
        )
    else:
        st.info("No worker answers. Start one with `python -m studio worker`.")
    if late := notifications.unsent(studio.engine):
        st.header("Notices that could not be sent")
        st.dataframe(
            [
                {
                    "notice": n.text,
                    "of": ui.moment(n.at),
                    "tries": n.attempts,
                    "again": ui.moment(n.due) if n.due else "given up",
                    "why": n.error,
                }
                for n in late
            ],
            hide_index=True,
        )
    st.header("Jobs")
    jobs = queue.listing(studio.engine, limit=50)
    if not jobs:
        st.caption("No job has been asked for yet.")
    else:
        st.dataframe(
            [
                {
                    "job": j.id,
                    "what": title(j),
                    "state": j.state,
                    "asked by": j.asked_by,
                    "asked at": ui.moment(j.asked_at),
                    "says": j.error or j.says,
                }
                for j in jobs
            ],
            hide_index=True,
        )
    ui.gone("job", [j.id for j in jobs], "job {} among the newest")
    running = [j.id for j in jobs if not j.ended or j.id == ui.number_of("job")]
    if running:
        number = st.selectbox("A job", running, **addresses.one_of("job", running))
        job_boxes.show(number)
    people.section(studio)
    st.header("Settings")
    if not ui.may("see settings"):
        st.caption(f"Settings are shown to {rights.who_may('see settings')}.")
        st.stop()
    st.caption("From the environment or the file .env; the documentation tells what each is for.")
    st.dataframe(
        [{"setting": name, "value": value} for name, value in in_force().items()],
        hide_index=True,
    )
    st.link_button(
        "MLflow's own pages",
        f"{health.mlflow_address(studio.settings)}/",
        icon=":material/open_in_new:",
    )
