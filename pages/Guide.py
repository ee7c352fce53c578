"""A style's guide: what its pictures look like, in words, colours and examples, and in the game."""

import streamlit as st

from pages.guide import examples, scene_form, words
from studio.datasets import manifests
from studio.registry import style_guides
from studio.web import addresses, page_frame, record_cache, ui

ABOUT = "What a style is to look like: whoever judges its pictures sees this beside them."

with page_frame.page("Style guide", ABOUT) as studio:
    known = {version.style for version in record_cache.versions()}
    known |= {*style_guides.styles(studio.home), *manifests.names(studio.home)}
    if not known:
        st.info("There is no style yet. A style is learned from pictures of yours.")
        st.page_link("pages/Datasets.py", label="Bring in pictures", icon=":material/upload:")
        st.stop()
    ui.gone("style", known, "style {}")
    style = st.selectbox(
        "Style", sorted(known), width=360, **addresses.one_of("style", sorted(known))
    )
    guide = style_guides.load(studio.home, style)
    left, right = st.columns([3, 2], gap="large")
    with left:
        examples.show(style, guide, "do", "Do", "Pictures as they ought to be.")
        examples.show(style, guide, "dont", "Don't", "Pictures that miss the style, and why.")
        scene_form.show(style, guide)
    with right:
        words.form(style, guide)
