"""A set's files: which formats, and how its sheet is spaced."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from pages.export import sending
from studio.assets.records import Asset
from studio.tiles import exports, sheets
from studio.tiles.layouts import COLUMNS, block
from studio.tiles.settings import from_json
from studio.web import addresses, ui
from studio.web.markup import Shown

LABELS = {
    "tiled": "Tiled (.tsx, .tmx)",
    "godot": "Godot 4 (.tres)",
    "sheet": "Quarter-tiles",
    "json": "Rules (JSON)",
}


def show(asset: Asset) -> None:
    """The sheet, and the way to have it all as a zip."""
    st.header("Export")
    with st.expander("The sheet"):
        settings = from_json(asset.recipe["settings"])
        rows = -(-block(settings.kind) * settings.variants // COLUMNS)
        width, height = COLUMNS * settings.size, rows * settings.size
        url = f"/picture/tileset/{asset.id}/sheet"
        ui.pictures([Shown(url, "", width, height, alt="The sheet")], max(width, height))
    formats, spacing, margin = st.columns([3, 1, 1])
    wanted = formats.multiselect(
        "Formats",
        exports.FORMATS,
        format_func=LABELS.__getitem__,
        help="The sheet as a PNG is always there.",
        **addresses.some_of("formats", exports.FORMATS, exports.FORMATS),
    )
    gap = spacing.number_input(
        "Spacing",
        0,
        sheets.MOST_GAP,
        help="Pixels between tiles",
        **addresses.number("spacing", 0, sheets.MOST_GAP, first=0),
    )
    edge = margin.number_input(
        "Margin",
        0,
        sheets.MOST_GAP,
        help="Pixels around all tiles",
        **addresses.number("margin", 0, sheets.MOST_GAP, first=0),
    )
    query = urlencode({"format": ",".join(wanted), "spacing": gap, "margin": edge})
    st.link_button(
        "Download as a zip",
        f"/download/tileset/{asset.id}?{query}",
        icon=":material/folder_zip:",
        type="primary",
    )
    sending.link(asset.id)
    st.caption(
        f"{ui.plain(exports.file_name(asset.name))}.png and its files lie beside each other; in "
        "Godot put them into the project's first folder."
    )
