"""The team's palettes: colours in their order, ramps, who approved and locked them."""

import streamlit as st

from pages.palettes import cards, deciding, editor, files, making, revisions, trying
from studio.finishing import palette_uses, palettes
from studio.web import addresses, page_frame, ui

ABOUT = (
    "The colours that pictures are finished in: in order, with ramps, approved and locked by an "
    "art lead."
)

with page_frame.page("Palettes", ABOUT) as studio:
    known = palettes.listing(studio.engine, withdrawn=True)
    names = [one.name for one in known]
    ui.gone("palette", names, "palette {}")
    name = st.selectbox(
        "Palette",
        names,
        index=None,
        width=360,
        placeholder="All palettes",
        on_change=revisions.newest,
        **addresses.one_of("palette", names, empty=True),
    )
    used = palette_uses.uses(studio.engine)
    if name is None:
        making.new(studio)
        cards.wall([one for one in known if not one.withdrawn_by], used)
        deciding.withdrawn(known)
        st.stop()
    palette = revisions.chosen(studio, name)
    deciding.state(palette, palette_uses.of(used, name))
    left, right = st.columns([3, 2], gap="large")
    with left:
        draft = editor.desk(studio, palette)
        files.export(palette)
        revisions.listed(studio, palette)
    with right:
        table = editor.table(draft)
        trying.snapped(studio, table, palette)
        trying.swapped(studio, table)
