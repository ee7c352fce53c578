"""Which tileset is looked at, and how it was made."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.picture import making
from studio import context
from studio.assets import records
from studio.assets.records import Asset
from studio.errors import StudioError
from studio.tiles import kept
from studio.tiles.settings import from_json
from studio.web import addresses, ui

SAID = {
    "overhang": "Overhang",
    "face": "Face",
    "outline": "Outline",
    "shadow": "Shadow",
    "shore": "Shore",
}


def chosen(studio: context.Studio) -> Asset | None:
    """The set of the address, else the newest; None where there is none yet."""
    names = {one.id: kept.named(one) for one in kept.all_sets(studio.engine)}
    asked = st.query_params.get("set", "")
    if asked and asked not in names and asked in _older(studio, asked):
        names[asked] = kept.named(records.get(studio.engine, asked))
    if not names:
        if asked:
            ui.gone("set", names, "tileset {}")
        st.info("No tileset yet. Choose two terrains below.")
        return None
    ui.gone("set", names, "tileset {}")
    id = st.selectbox(
        "Tileset",
        list(names),
        format_func=lambda one: names.get(one) or str(one),
        **addresses.one_of("set", list(names)),
    )
    return records.get(studio.engine, id)


def open_kept(keep: Callable[[], str]) -> None:
    """Keep a set, then look at it: its id stands in the address. What is refused is told."""
    try:
        id = keep()
    except StudioError as error:
        ui.failed(error)
    else:
        st.query_params["set"] = id
        st.rerun()


def about(studio: context.Studio, asset: Asset) -> None:
    """What was asked, what was done to the terrains, and its family."""
    settings = from_json(asset.recipe["settings"])
    st.header("How it was made")
    lengths = ", ".join(
        f"{label.lower()} {getattr(settings, name)}" for name, label in SAID.items()
    )
    st.caption(
        f"{settings.size} pixels a tile, {settings.variants} variants, edge {settings.edge}, "
        f"{lengths}, seed {settings.seed}. Made by {ui.plain(asset.by)}, {ui.moment(asset.at)}."
    )
    for note in asset.recipe["notes"]:
        st.caption(ui.plain(note))
    if fixed := asset.recipe["fixed"]:
        st.caption(f"Painted over: {', '.join(fixed)}")
    making.relatives(asset.id, studio)
    st.page_link(
        "pages/Picture.py",
        label="Boards and family",
        icon=":material/image:",
        query_params={"id": asset.id},
    )


def _older(studio: context.Studio, id: str) -> set[str]:
    """The id, where it is a set that the list does not reach any more."""
    try:
        asset = records.get(studio.engine, id)
    except StudioError:
        return set()
    return {id} if asset.kind == kept.KIND else set()
