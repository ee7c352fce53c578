"""An asset that is no picture of the generator's: what it is, what shows it, and its family."""

from __future__ import annotations

import streamlit as st

from pages.export import sending
from pages.picture import making
from studio import context
from studio.assets import records
from studio.assets.listing import Listed
from studio.generation import gallery_table, raw_pictures
from studio.tiles import kept
from studio.web import ui
from studio.web.markup import Shown
from studio.workflows import animation_files, export_pieces, prop_files

WISH = "wish"  # the kind of asset


def shown(asset: Listed, studio: context.Studio) -> bool:
    """Whether it is one; then it is on the page."""
    if asset.kind == gallery_table.KIND:
        return False
    raw = asset.kind == raw_pictures.KIND
    title = raw_pictures.named(records.get(studio.engine, asset.id)) if raw else ""
    st.header(ui.plain(title or f"{asset.kind.capitalize()} {asset.name}".strip()))
    if asset.width:
        url = f"/picture/asset/{asset.id}"
        ui.pictures([Shown(url, "", asset.width, asset.height, alt=asset.said)], side=512)
    of = f"Of {asset.style} version {asset.version}, made" if asset.version else "Brought in"
    st.caption(f"{ui.plain(of)} by {ui.plain(asset.by)}, {ui.moment(asset.at)}")
    if asset.kind == prop_files.KIND:
        st.page_link(
            "pages/Props.py",
            label="Open on Props",
            icon=":material/deployed_code:",
            query_params={"prop": asset.id},
        )
    if asset.kind == WISH:
        st.page_link(
            "pages/Props.py",
            label="Open on Props",
            icon=":material/deployed_code:",
            query_params={"wish": asset.id},
        )
    if asset.kind == animation_files.KIND:
        st.page_link(
            "pages/Animate.py",
            label="Open on Animate",
            icon=":material/animation:",
            query_params={"sheet": asset.id},
        )
    if asset.kind == kept.KIND:
        st.page_link(
            "pages/Tiles.py",
            label="Open on Tiles",
            icon=":material/grid_view:",
            query_params={"set": asset.id},
        )
    if raw:
        st.page_link(
            "pages/Finish.py",
            label="Finish",
            icon=":material/auto_fix_high:",
            query_params={"id": asset.id},
        )
        st.page_link(
            "pages/Upscale.py",
            label="Enlarge",
            icon=":material/zoom_out_map:",
            query_params={"id": asset.id},
        )
    if asset.kind in export_pieces.KINDS:
        sending.link(asset.id)
    making.relatives(asset.id, studio)
    making.on_boards(asset.id, studio)
    return True
