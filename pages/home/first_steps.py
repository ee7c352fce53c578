"""The way to a style of one's own: three steps, each with how far it is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio.web import ui
from studio.workflows.own_style import Step

NARROWEST = 240  # pixels of a step


def shown(steps: Sequence[Step]) -> None:
    """The steps beside each other; the first that is not done is the one to do now."""
    st.header("A style of your own")
    now = next((step for step in steps if not step.done), None)
    with st.grid(3, min_column_width=NARROWEST, gap="medium"):
        for number, step in enumerate(steps, 1):
            with st.container(border=True):
                mark = ":green[:material/check_circle:]" if step.done else f"{number}\\."
                st.markdown(f"{mark} **{step.name}**  \n{ui.plain(step.says)}")
                if step.done or step is now:
                    icon = ":material/visibility:" if step.done else ":material/arrow_forward:"
                    st.page_link(step.page, label=step.label, icon=icon, query_params=step.address)
