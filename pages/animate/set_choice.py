"""Which sheet is looked at."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.assets import records
from studio.errors import StudioError
from studio.web import addresses, ui
from studio.workflows import animation_files


def chosen(studio: context.Studio) -> str:
    """The id of the sheet of the address, else of the newest; "" where there is none yet."""
    there = animation_files.all_sheets(studio.engine)
    names = {one.id: animation_files.named(one) for one in there}
    asked = st.query_params.get("sheet", "")
    if asked and asked not in names and (older := _older(studio, asked)):
        names[asked] = older
    ui.gone("sheet", names, "sheet {}")
    if not names:
        st.info("No sheet yet. Make one under Frames or Motion.")
        return ""
    return str(
        st.selectbox(
            "Sheet",
            list(names),
            format_func=lambda one: names.get(one) or str(one),
            **addresses.one_of("sheet", list(names)),
        )
    )


def _older(studio: context.Studio, id: str) -> str:
    """What a sheet is called that the list does not reach any more; "" for what is none."""
    try:
        asset = records.get(studio.engine, id)
    except StudioError:
        return ""
    return animation_files.named(asset) if asset.kind == animation_files.KIND else ""
