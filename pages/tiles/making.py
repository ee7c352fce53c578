"""A new tileset: two terrains, which tiles, and how its borders are drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from pages.tiles import drawing, set_choice
from studio import context, images
from studio.assets import listing
from studio.assets.search import Wanted
from studio.finishing import palettes
from studio.generation import gallery_table
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.settings import DITHERS, EDGES, MOST, SETS, VARIANTS, Settings, usual
from studio.web import addresses, ui
from studio.web.markup import Shown
from studio.workflows import tile_palettes

OFFERED = 200  # of the gallery's newest pictures
MOST_MB = 32
SIZES = (16, 24, 32, 48, 64, 96, 128)
STYLES, OWN = "The style's", "The terrains' own"
KINDS = {"wang": "Corners (16)", "blob": "Blob (47)", "platform": "Side view (47)"}
KIND_HELP = (
    "Corners: Wang tiles, painted by their corners. Blob: painted cell by cell. Side view: "
    "platforms that stand in air; the upper terrain covers the lower one's top."
)
FORMS = {
    "blades": "Blades, as grass",
    "ragged": "Ragged, as rock and earth",
    "rounded": "Rounded, as bushes",
    "smooth": "Smooth, as a shore",
}
LENGTHS = {
    "overhang": ("Overhang", "How far the rim hangs down over its side"),
    "face": ("Face", "The height of the upper terrain's side, seen below its rim"),
    "outline": ("Outline", "How wide the outline is"),
    "shadow": ("Shadow", "How far the shadow falls on the lower terrain"),
    "shore": ("Shore", "A lighter band of the lower terrain around all, as of shallow water"),
}


def form(studio: context.Studio) -> None:
    """What is asked of a new set, and the button that makes it."""
    st.caption(
        "A terrain is an opaque picture of the gallery, best drawn seamless at the tile's size, or "
        "a file. One that is not seamless is mended, and the set says so."
    )
    kind, size = _tiles()
    drawing.show(studio, size)
    offered = listing.page(studio.engine, Wanted(kind=gallery_table.KIND), 1, OFFERED)
    left, right = st.columns(2)
    with left:
        inner = _terrain(offered, "inner", "Upper terrain", "grass")
    with right:
        outer = _terrain(offered, "outer", "Lower terrain", "water")
    suited = usual(size, kind=kind, inner=inner[1], outer=outer[1])
    asked, as_style = _asked(studio, suited)
    if st.button(
        "Make the tileset",
        type="primary",
        icon=":material/grid_view:",
        **ui.only(kept.RIGHT, not (inner[0] and outer[0])),
    ):
        set_choice.open_kept(partial(_made, studio, inner, outer, asked, as_style))


def _made(
    studio: context.Studio,
    inner: tuple[Any, str],
    outer: tuple[Any, str],
    asked: Settings,
    as_style: bool,
) -> str:
    """The id of the set of two terrains, each a picture's id or a file with its name."""
    with st.spinner("Drawing its borders ..."):
        sources = _source(studio, *inner), _source(studio, *outer)
        if as_style:
            colours, line = tile_palettes.of_terrains(studio, *sources)
            line = asked.outline_colour or line
            asked = replace(asked, colours=colours, outline_colour=line)
        who, now = ui.person(), context.now()
        return kept.make(studio.engine, studio.home, *sources, asked, by=who, now=now)


def _tiles() -> tuple[str, int]:
    """Which tiles, and how large."""
    kinds, sizes = st.columns([3, 1])
    kind = kinds.segmented_control(
        "Tiles",
        SETS,
        format_func=KINDS.__getitem__,
        required=True,
        help=KIND_HELP,
        **addresses.one_of("tiles", SETS),
    )
    size = sizes.selectbox("Size", SIZES, **addresses.one_of("size", SIZES, first=32))
    return kind, size


def _terrain(offered: list[listing.Listed], role: str, label: str, usually: str) -> tuple[Any, str]:
    """The picture's id or the file of one terrain (None: not chosen), and what it is called."""
    words = {one.id: f"{one.said[:60]} ({one.id[:6]})" for one in offered}
    id = st.selectbox(
        label,
        list(words),
        index=None,
        format_func=lambda one: words.get(one) or str(one),
        accept_new_options=True,
        placeholder="A picture of the gallery, or its id",
        **addresses.one_of(role, list(words), empty=True, free=True),
        **ui.only(kept.RIGHT),
    )
    dropped = st.file_uploader(
        f"{label} as a file",
        type=["png", "webp", "jpg", "jpeg", "gif"],
        max_upload_size=MOST_MB,
        key=f"{role}-file",
        **ui.only(kept.RIGHT),
    )
    if dropped is None and id in words:
        one = next(one for one in offered if one.id == id)
        ui.pictures([Shown(f"/picture/asset/{id}", "", one.width, one.height, alt=one.said)], 128)
    name = st.text_input(
        f"{label} is called",
        max_chars=40,
        placeholder=usually,
        **addresses.text(f"{role}-name"),
        **ui.only(kept.RIGHT, help="Its name in Tiled and Godot"),
    )
    return dropped or id, name.strip() or usually


def _source(studio: context.Studio, chosen: Any, name: str) -> Source:
    if isinstance(chosen, str):
        return kept.of_asset(studio.engine, studio.home, chosen.rpartition("id=")[2], name)
    return Source(images.decode(chosen.getvalue(), chosen.name), name)


def _asked(studio: context.Studio, suited: Settings) -> tuple[Settings, bool]:
    """Those settings with what the form says of variants, border and colours, and whether the
    palette is the style's."""
    size, (variants, seeds) = suited.size, st.columns(2)
    count = variants.number_input(
        "Variants", *VARIANTS, **addresses.number("variants", *VARIANTS, first=VARIANTS[0])
    )
    seed = seeds.number_input("Seed", 0, 2**31, **addresses.number("seed", 0, 2**31, first=0))
    with st.expander("Border"):
        edge = st.selectbox(
            "Edge", EDGES, format_func=FORMS.__getitem__, **addresses.one_of("edge", EDGES)
        )
        lengths = {}
        for column, (name, (label, help)) in zip(
            st.columns(len(LENGTHS)), LENGTHS.items(), strict=True
        ):
            first = getattr(suited, name)
            lengths[name] = column.number_input(
                label,
                0,
                MOST // 4,
                help=f"{help}, in pixels",
                **addresses.number(name, 0, MOST // 4, first=first, key=f"{name} at {size}"),
            )
        lit = not st.toggle("No highlight on the rim", **addresses.flag("unlit"))
        mark, colours, colour = _palette(studio)
        dither = st.segmented_control(
            "Dither", DITHERS, required=True, **addresses.one_of("dither", DITHERS)
        )
    asked = replace(
        suited,
        variants=count,
        seed=seed,
        edge=edge,
        highlight=lit,
        colours=colours,
        outline_colour=colour,
        dither=dither,
        **lengths,
    )
    return asked, mark == STYLES


def _palette(studio: context.Studio) -> tuple[str, tuple[str, ...], str]:
    """Which palette all tiles are held to, its colours where it is one of the studio's, and the
    outline's colour."""
    found = {one.mark: one for one in palettes.listing(studio.engine)}
    options = [STYLES, OWN, *found]
    mark = st.selectbox(
        "Palette",
        options,
        help="Of files, and of styles without a palette: the terrains' own colours and shades",
        **addresses.one_of("palette", options, unsaid=STYLES),
    )
    colour = st.text_input(
        "Outline colour",
        placeholder="the darkest",
        max_chars=7,
        **addresses.text("outline-colour"),
        **ui.only(kept.RIGHT),
    )
    return mark, (found[mark].colours if mark in found else ()), colour.strip()
