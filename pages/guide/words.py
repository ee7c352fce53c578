"""What the style looks like in words and colours."""

from dataclasses import replace

import streamlit as st

from pages.guide import saving
from studio import images
from studio.registry import style_guides
from studio.registry.style_guides import ASPECTS, Guide
from studio.store.contents import store_of
from studio.web import markup, session


def form(style: str, guide: Guide) -> None:
    """One field for each aspect, and the palette; kept with one button."""
    st.header("In words")
    said = {
        key: st.text_area(
            label,
            getattr(guide, key),
            height=80,
            max_chars=style_guides.LONGEST,
            key=f"guide-{style}-{key}",
            **saving.only(help=about),
        )
        for key, label, about in ASPECTS
    }
    if found := st.session_state.pop(f"taken-{style}", None):
        st.session_state[f"guide-{style}-palette"] = " ".join(found)
    written = st.text_area(
        "Palette",
        " ".join(guide.palette),
        height=100,
        key=f"guide-{style}-palette",
        **saving.only(
            help="Colours as #rrggbb, with spaces or lines between them; the leading ones first."
        ),
    )
    colours = tuple(written.replace(",", " ").split())
    st.html(markup.colours([one for one in colours if style_guides.COLOUR.fullmatch(one.lower())]))
    with st.container(horizontal=True):
        if st.button("Keep the guide", type="primary", **saving.only()):
            new = replace(guide, **said, palette=colours)
            if saving.keep(style, guide, lambda: new):
                st.toast("Kept.")
                st.rerun()
        if st.button(
            "Take the colours of Do",
            **saving.only(
                disabled=not guide.do,
                help="Up to 16 colours of the pictures under Do replace the palette.",
            ),
        ):
            store = store_of(session.studio().home)
            shown = [images.open_picture(store.path(one.picture)) for one in guide.do]
            st.session_state[f"taken-{style}"] = style_guides.colours_of(shown)
            st.rerun()
