"""Quarter-tiles: each stands in several tiles, so one that is painted over fixes them all."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.tiles import set_choice
from studio import context, images
from studio.assets.records import Asset
from studio.tiles import kept, layouts, pieces
from studio.tiles.settings import from_json
from studio.web import addresses, ui
from studio.web.markup import Shown

SIDE = 128
MOST_MB = 4
FIRST = "nw-convex-1"  # a border is fixed more often than plain ground


def show(studio: context.Studio, asset: Asset) -> None:
    """One quarter-tile: look, download, and bring it back painted over."""
    settings = from_json(asset.recipe["settings"])
    names = [piece.name for piece in pieces.all_pieces(settings.variants)]
    st.header("Quarter-tiles")
    st.caption(
        "Tiles are composed of these. Download one, paint it over, and bring it back: all tiles "
        "that have it change, in a new tileset. Its outermost pixels stay, so that it still meets "
        "its neighbours."
    )
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    name = left.selectbox("Quarter-tile", names, **addresses.one_of("quarter", names, first=FIRST))
    piece = pieces.named(name, settings.variants)
    used = [
        tile
        for tile in layouts.tiles(settings.kind, settings.variants)
        if piece in tile.pieces().values()
    ]
    url, half = f"/picture/quarter/{asset.id}/{name}", settings.size // 2
    right.link_button("Download", f"{url}?keep", icon=":material/download:")
    ui.pictures(
        [Shown(url, f"In {len(used)} tile{'' if len(used) == 1 else 's'}", half, half, alt=name)],
        SIDE,
    )
    with st.form(f"fix-{asset.id}-{name}", border=False, enter_to_submit=False):
        dropped = st.file_uploader(
            f"{name}, painted over ({half} x {half})",
            type=["png", "webp"],
            max_upload_size=MOST_MB,
            key=f"fixed-{asset.id}-{name}",
            **ui.only(kept.RIGHT),
        )
        if st.form_submit_button("Fix all its tiles", **ui.only(kept.RIGHT)) and dropped:
            set_choice.open_kept(
                partial(_fixed, studio, asset, name, dropped.getvalue(), dropped.name)
            )


def _fixed(studio: context.Studio, asset: Asset, name: str, file: bytes, called: str) -> str:
    """The id of the set in which a quarter-tile is as it was painted over."""
    painted = {name: images.decode(file, called)}
    who, now = ui.person(), context.now()
    return kept.fix(studio.engine, studio.home, asset.id, painted, by=who, now=now)
