"""What a palette does to pictures: a style's snapped to it, and a ramp in another's place."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from studio import context, images
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.finishing import palette_uses, ramps
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.palettes import Palette
from studio.generation import gallery_table, lists
from studio.generation.gallery_table import Picture
from studio.pixels.hex_colours import Pixels
from studio.pixels.snapping import DITHERS, hard_alpha
from studio.pixels.snapping import snapped as snapped_to
from studio.web import addresses, made_downloads, markup, ui
from studio.web.markup import Shown

MANY, FEW = 8, 4  # pictures that are tried, and those whose ramps are swapped
SIDE = 96
LARGEST = 256  # pixels a side of what is tried: larger ones are tried smaller


def snapped(studio: context.Studio, table: ColourTable, palette: Palette) -> None:
    """Some of a style's pictures as they were drawn, and below each what the colours on the desk
    make of it."""
    st.header("Try it")
    _style(studio, palette)
    found = _pictures(studio)
    if not found:
        st.caption("Draw something on Generate; its pictures are shown here in these colours.")
        return
    dither = st.segmented_control(
        "Dither",
        DITHERS,
        required=True,
        format_func=str.capitalize,
        **addresses.one_of("dither", DITHERS),
    )
    pairs = []
    for one in found:
        before, after = _opened(studio, one), _tried(studio, one, table.colours, str(dither))
        pairs.append((_shown(before, one.prompt, "as drawn"), _shown(after, one.prompt, "snapped")))
    st.html(markup.pairs(pairs, SIDE))


def swapped(studio: context.Studio, table: ColourTable) -> None:
    """A ramp of the pictures in each other ramp's colours: wood, iron, gold."""
    st.header("Swap ramps")
    if len(table.ramps) < 2:
        st.caption("With two ramps or more, pictures in one are shown here in the others.")
        return
    names = [one.name for one in table.ramps]
    tried = [(one, _tried(studio, one, table.colours, "none")) for one in _pictures(studio)]
    most = [ramps.drawn_in(rgba, table)[0][0].name for _, rgba in tried]
    first = max(names, key=most.count)
    source = st.selectbox("From", names, **addresses.one_of("ramp", names, first=first))
    others = [name for name in names if name != source]
    to = st.multiselect(
        "To", others, **addresses.some_of("to", others, others[:3], key=f"palette-to {source}")
    )
    made = _variants(tried, table, str(source), to)
    if not tried:
        st.caption("No picture of a style is there to be shown.")
    elif not made:
        st.caption(f"None of these pictures has a colour of {ui.plain(str(source))}.")
    for one, before, variants in made[:FEW]:
        shown = [_shown(before, one.prompt, str(source))]
        shown += [_shown(rgba, one.prompt, name) for name, rgba in variants]
        ui.pictures(shown, SIDE)
    if made and to:
        made_downloads.button(
            "Download variants",
            lambda who: _packed(made),
            file_name="variants.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
        )


def _style(studio: context.Studio, palette: Palette) -> None:
    """Whose pictures are tried: at first those of a style whose recipe uses the palette."""
    styles = sorted(gallery_table.choices(studio.engine)[0])
    used = [use.style for use in palette_uses.of(palette_uses.uses(studio.engine), palette.name)]
    first = next((one for one in used if one in styles), None)
    if styles:
        st.selectbox("Pictures of", styles, **addresses.one_of("style", styles, first=first))


def _pictures(studio: context.Studio) -> list[Picture]:
    """The newest of the chosen style."""
    style = st.session_state.get("style")
    if not style:
        return []
    newest = gallery_table.search(studio.engine, Wanted(style=style), 1, MANY).found
    return [one for one in newest if (studio.home / (one.raw or one.file)).exists()]


def _variants(
    tried: list[tuple[Picture, Pixels]], table: ColourTable, source: str, to: list[str]
) -> list[tuple[Picture, Pixels, list[tuple[str, Pixels]]]]:
    """Those pictures that have the ramp, each with its variants by their ramps' names."""
    known: dict[str, Ramp] = {one.name: one for one in table.ramps}
    found = []
    for one, rgba in tried:
        try:
            made = [(name, ramps.swapped(rgba, table, known[source], known[name])) for name in to]
        except StudioError:  # it has none of the ramp's colours
            continue
        found.append((one, rgba, made))
    return found


def _packed(made: list[tuple[Picture, Pixels, list[tuple[str, Pixels]]]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for one, _, variants in made:
            for name, rgba in variants:
                word = "".join(sign if sign.isalnum() else "-" for sign in name)
                packed.writestr(f"{lists.file_name(one)}_{one.id}_{word}.png", _png(rgba))
    return file.getvalue()


def _opened(studio: context.Studio, one: Picture) -> Pixels:
    return _read(str(studio.home / (one.raw or one.file)))


def _tried(studio: context.Studio, one: Picture, colours: tuple[str, ...], dither: str) -> Pixels:
    return _in_colours(str(studio.home / (one.raw or one.file)), colours, dither)


@st.cache_data(max_entries=256, show_spinner=False)
def _read(file: str) -> Pixels:
    picture = images.open_picture(Path(file))
    if max(picture.size) > LARGEST:
        share = LARGEST / max(picture.size)
        size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
        picture = picture.resize(size)
    return np.asarray(picture)


@st.cache_data(max_entries=256, show_spinner=False)
def _in_colours(file: str, colours: tuple[str, ...], dither: str) -> Pixels:
    return snapped_to(hard_alpha(_read(file)), colours, dither)


def _shown(rgba: Pixels, prompt: str, caption: str) -> Shown:
    url = f"data:image/png;base64,{base64.b64encode(_png(rgba)).decode()}"
    return Shown(url, caption, rgba.shape[1], rgba.shape[0], alt=f"{prompt}, {caption}")


def _png(rgba: Pixels) -> bytes:
    return lists.as_png(Image.fromarray(rgba))
