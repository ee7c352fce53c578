"""What waits for the person, each with the way there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio.web import ui
from studio.workflows.todo import Task

AT_ONCE = 8


def listed(waiting: Sequence[Task]) -> None:
    """Every task on a line with what it is about; those beyond the first few fold away."""
    st.header("For you")
    if not waiting:
        st.caption("Nothing waits for you.")
    for task in waiting[:AT_ONCE]:
        _line(task)
    if rest := waiting[AT_ONCE:]:
        with st.expander(f"And {len(rest):,} more"):
            for task in rest:
                _line(task)


def _line(task: Task) -> None:
    many = f" :orange-badge[{task.count:,}]" if task.count > 1 else ""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{ui.plain(task.what)}**{many}  \n{ui.plain(task.about)}")
        st.page_link(
            task.page,
            label="Open",
            icon=":material/arrow_forward:",
            query_params=task.address,
        )
