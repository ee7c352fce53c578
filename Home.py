"""What is in production, with its pictures."""

import streamlit as st
from PIL import Image

from studio import ui
from studio.generation import gallery
from studio.registry import models, stages

PICTURES = 12  # newest of a style

with ui.page("In production", "What everyone generates with today.") as studio:
    live = {
        style: number
        for style in models.styles(studio.client)
        if (number := stages.production(studio.engine, style)) is not None
    }
    if not live:
        st.info(
            "Nothing is in production yet. Train a style and promote it: "
            "`python -m studio train STYLE --dataset NAME`, then "
            "`python -m studio promote STYLE VERSION production --why ...`"
        )
    for style, number in live.items():
        version = models.get(studio.client, style, number)
        st.subheader(f"{style} · version {number}")
        st.caption(f"Trigger word {version.trigger_word} · data set {version.dataset}")
        files = sorted(
            (studio.home / "generated" / style / f"v{number}").glob("*.png"),
            key=lambda file: file.stat().st_mtime,
        )[-PICTURES:]
        if not files:
            st.caption("No pictures yet: python -m studio generate PROMPT --style " + style)
        with st.container(horizontal=True):
            for file in files:
                made = gallery.read_made(file)
                if made:
                    with Image.open(file) as opened:
                        ui.picture(opened.convert("RGBA"), made.prompt)
