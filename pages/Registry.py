"""Styles, their versions and stages, figures, the sheet, and who did what."""

import streamlit as st

from studio import ui
from studio.evaluation.sheet import read_sheet
from studio.registry import models, stages

with ui.page("Registry", "Every version of every style, and its history.") as studio:
    styles = models.styles(studio.client)
    if not styles:
        st.info("No style yet. Begin with `python -m studio train STYLE --dataset NAME`.")
        st.stop()
    wanted = st.query_params.get("style")
    style = st.selectbox("Style", styles, index=styles.index(wanted) if wanted in styles else 0)
    st.query_params["style"] = style
    versions = models.list_versions(studio.client, style)
    st.dataframe(
        [
            {
                "version": v.number,
                "stage": v.stage,
                "trigger word": v.trigger_word,
                "strength": v.strength,
                "data set": f"{v.dataset}@{v.dataset_digest[:12]}",
                "base": v.tags.get("base_name", v.base),
                "base licence": v.tags.get("base_licence", "unknown"),
                "made": v.created,
            }
            for v in versions
        ],
        hide_index=True,
    )
    numbers = [v.number for v in versions]
    number = st.selectbox("Version", numbers, index=0)
    version = versions[numbers.index(number)]
    folder = studio.home / "sheets" / style / str(number)
    if read_sheet(folder):
        st.header("Sheet")
        st.caption("A row a prompt: the base on the left, this version on the right, same seeds.")
        st.image(str(folder / "sheet.png"))
    else:
        st.caption(f"Not evaluated yet: python -m studio evaluate {style} {number}")
    if version.metrics:
        st.header("Figures")
        st.dataframe(
            [
                {"figure": k, "base": version.metrics.get(f"base_{k}"), "this version": v}
                for k, v in sorted(version.metrics.items())
                if not k.startswith("base_")
            ],
            hide_index=True,
        )
    st.header("History")
    st.dataframe(
        [
            {
                "when": row.at,
                "who": row.actor,
                "version": row.version,
                "from": row.from_stage,
                "to": row.to_stage,
                "why": row.reason,
                "state": row.state,
            }
            for row in stages.history(studio.engine, style)
        ],
        hide_index=True,
    )
