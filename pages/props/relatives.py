"""What an asset was made from and what came of it, each a click away on the page of its kind."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.assets import family
from studio.assets.records import Asset
from studio.generation import gallery_table
from studio.web import ui
from studio.web.markup import Shown
from studio.workflows import prop_files
from studio.workflows.wishes import KIND as WISH

MOST, SIDE = 24, 96


def show(studio: context.Studio, id: str) -> None:
    """Those before it and those after it."""
    beside = {
        "Made from": family.parents(studio.engine, id),
        "What came of it": family.children(studio.engine, id),
    }
    for title, found in beside.items():
        if found:
            st.subheader(title)
            row(found)


def row(found: Sequence[Asset]) -> None:
    """Assets in a row: those that a picture shows by it, the others by a link."""
    shown = [_shown(one) for one in found[:MOST] if one.kind != WISH]
    if shown:
        ui.pictures(shown, SIDE)
    with st.container(horizontal=True):
        for one in found[:MOST]:
            if one.kind == WISH:
                st.page_link(
                    "pages/Props.py",
                    label=ui.plain(f"Wish: {one.name or one.id[:6]}"),
                    icon=":material/edit_note:",
                    query_params={"wish": one.id},
                )
    if len(found) > MOST:
        st.caption(f"And {len(found) - MOST:,} more.")


def address(kind: str, id: str) -> str:
    """Where an asset is looked at."""
    if kind == prop_files.KIND:
        return f"/Props?prop={id}"
    if kind == WISH:
        return f"/Props?wish={id}"
    return f"/Picture?id={id}"


def picture(kind: str, id: str) -> str:
    """The address of the picture that shows an asset."""
    if kind == prop_files.KIND:
        return f"/props/poster/{id}"
    if kind == gallery_table.KIND:
        return f"/picture/made/{id}"
    return f"/picture/asset/{id}"


def _shown(one: Asset) -> Shown:
    said = str(one.recipe.get("prompt") or one.name or one.kind)
    return Shown(
        f"{picture(one.kind, one.id)}?side={2 * SIDE}",
        one.kind if one.kind != gallery_table.KIND else "",
        alt=f"{one.kind}: {said[:80]}",
        href=address(one.kind, one.id),
    )
