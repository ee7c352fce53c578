"""The proof: a map that is painted with two brushes, its tiles chosen by the set's rules."""

from __future__ import annotations

import streamlit as st

from studio.assets.records import Asset
from studio.tiles import exports, maps
from studio.tiles.layouts import COLUMNS, block
from studio.tiles.settings import from_json
from studio.web import components

ROOM = 960  # pixels that a map may be wide at its own size
LEAST, MOST = 12, 24  # tiles that it is wide


def show(asset: Asset) -> None:
    """The map of a set. What is painted is kept by the browser."""
    settings = from_json(asset.recipe["settings"])
    wide = max(LEAST, min(MOST, ROOM // settings.size))
    name = exports.file_name(asset.name)
    st.header("Map")
    components.screen("tilemap")(
        key=f"tilemap-{asset.id}",
        data={
            "id": asset.id,
            "name": name,
            "sheet": f"/picture/tileset/{asset.id}/sheet",
            "kind": settings.kind,
            "size": settings.size,
            "columns": COLUMNS,
            "variants": settings.variants,
            "block": block(settings.kind),
            "byMask": maps.by_mask(),
            "upper": settings.inner,
            "lower": "air" if settings.kind == "platform" else settings.outer,
            "width": wide,
            "height": wide * 2 // 3,
        },
    )
