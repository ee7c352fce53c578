"""What is up and what to do where it is not, the room on the disk, and who works."""

from __future__ import annotations

import shutil

import streamlit as st

from pages.admin import bucket_state
from studio import context
from studio.jobs import workers
from studio.operations import disk_use, health
from studio.operations.health import Part
from studio.web import ui

NAMES = {
    "database": "Database",
    "writing": "Writing",
    "mlflow": "MLflow",
    "worker": "Worker",
    "watcher": "Watcher",
}
TO_DO = {
    "database": "Look whether its server runs and the studio's folder is there; "
    "`python -m studio doctor` tells more.",
    "writing": "Make room on the disk, or end the program that holds the database.",
    "mlflow": "Pictures, ratings and votes still work. `python -m studio serve` starts it with "
    "the studio.",
    "worker": "Start one with `python -m studio worker`.",
    "watcher": "Start one with `python -m studio watch`.",
}
LITTLE = 5 * 1024**3  # bytes; with less a training's checkpoints may not fit


def shown(studio: context.Studio) -> None:
    """All of it."""
    st.header("Services")
    parts = health.look(studio.settings, studio.engine)
    down = [NAMES[name] for name, part in parts.items() if not part.ok]
    if down:
        st.warning(f"Not up: {', '.join(down)}.", icon=":material/warning:")
    else:
        st.success("Everything is up.", icon=":material/check:")
    with st.container(border=True):
        for name, part in parts.items():
            st.markdown(_line(name, part))
    if ui.may("see MLflow"):
        st.link_button(
            "MLflow's own pages",
            f"{health.mlflow_address(studio.settings)}/",
            icon=":material/open_in_new:",
        )
    bucket_state.shown(studio)
    _disk(studio)
    _workers(studio)


def _line(name: str, part: Part) -> str:
    """A service in a sentence, and what to do where it is not up."""
    mark = ":green[:material/check_circle:]" if part.ok else ":red[:material/error:]"
    says = f"{mark} **{NAMES[name]}**: {ui.plain(part.says)}"
    return says if part.ok else f"{says} {TO_DO[name]}"


def _disk(studio: context.Studio) -> None:
    st.header("Disk")
    disk = shutil.disk_usage(studio.home)
    share = min(1.0, max(0.0, 1 - disk.free / disk.total)) if disk.total else 0.0
    st.progress(share, f"{_size(disk.free)} free of {_size(disk.total)}")
    if ui.may("see settings"):
        st.caption(f"The studio keeps its things in {ui.plain(str(studio.home))}.")
    if disk.free < LITTLE:
        st.warning("A training needs room for checkpoints: make room, or move the studio.")
    box = st.expander("What takes the room", key="room", on_change="rerun")
    if box.open:
        with box:
            st.dataframe(
                [
                    {"what": one.says, "size": _size(one.bytes), "files": one.files}
                    for one in _taken(str(studio.home))
                ],
                hide_index=True,
            )
            st.caption("Counted anew every ten minutes.")


@st.cache_data(ttl=600, max_entries=2, show_spinner="Counting")
def _taken(home: str) -> list[disk_use.Taken]:
    return disk_use.taken(home)


def _size(bytes: int) -> str:
    """As people read it: "1.2 GB", "350 MB"."""
    return f"{bytes / 1024**3:,.1f} GB" if bytes >= 1024**3 else f"{bytes / 1024**2:,.0f} MB"


def _workers(studio: context.Studio) -> None:
    st.header("Workers")
    found = workers.alive(studio.engine, context.now())
    if not found:
        st.caption("None: jobs wait until one is started.")
        return
    st.markdown(
        "\n".join(
            f"- **{ui.plain(w.name)}** on {ui.plain(w.device)}, for {ui.plain(w.lanes)} jobs, "
            f"since {ui.moment(w.started_at)}"
            for w in found
        )
    )
